import { existsSync, symlinkSync } from "node:fs";
import { join } from "node:path";

import { attribute, openPython } from "amphis";
import { describe, expect, test } from "vitest";

import { subscribe, type PolicyDenied } from "../../src/telemetry/index.ts";
import { CANARY, HERE, opened, ruleOf, secretFolder } from "./opened.ts";

const PICKLE_OF_SYSTEM = Buffer.from("cposix\nsystem\n(S'true'\ntR.").toString("hex");

describe("a guarded worker", () => {
  test("denies processes, network, ctypes, code, pickles and looks into the interpreter by default", async () => {
    const py = await opened({ isolation: "guarded" });
    const { folder } = secretFolder();
    const canary = join(folder, "canary");
    const attempts: Readonly<Record<string, () => PromiseLike<unknown>>> = {
      "os:system": () => py.call("os:system", [`touch ${canary}`]),
      "posix:system": () => py.call("posix:system", [`touch ${canary}`]),
      "os:fork": () => py.call("os:fork"),
      "subprocess:run": () => py.call("subprocess:run", [["touch", canary]]),
      "escape:system": () => py.call("escape:system", [`touch ${canary}`]),
      "escape:popen": () => py.call("escape:popen", [["touch", canary]]),
      "socket:socket": () => py.call("socket:socket"),
      "escape:tcp": () => py.call("escape:tcp", ["localhost", 9]),
      "escape:udp": () => py.call("escape:udp", [9]),
      "ctypes:CDLL": () => py.call("ctypes:CDLL", [null]),
      "builtins:eval": () => py.call("builtins:eval", ["1"]),
      "builtins:exec": () => py.call("builtins:exec", ["1"]),
      "builtins:compile": () => py.call("builtins:compile", ["1", "x", "eval"]),
      "builtins:__import__": () => py.call("builtins:__import__", ["os"]),
      "importlib:import_module": () => py.call("importlib:import_module", ["os"]),
      eval: () => py.eval("1 + 1"),
      exec: () => py.exec("x = 1"),
      run: () => py.run(join(HERE, "escape.py")),
      "pickle:loads": () => py.call("pickle:loads", [new Uint8Array([0x4e, 0x2e])]),
      "escape:unpickle": () => py.call("escape:unpickle", [PICKLE_OF_SYSTEM]),
      "gc:get_objects": () => py.call("gc:get_objects"),
      "sys:_getframe": () => py.call("sys:_getframe"),
      "sys:modules": () => py.import("sys").modules,
      "escape:raise_limit": () => py.call("escape:raise_limit"),
    };
    const rules: Record<string, string> = {};
    for (const [name, attempt] of Object.entries(attempts)) rules[name] = await ruleOf(attempt());
    expect(rules).toEqual({
      "os:system": "processes",
      "posix:system": "processes",
      "os:fork": "processes",
      "subprocess:run": "processes",
      "escape:system": "processes",
      "escape:popen": "processes",
      "socket:socket": "network",
      "escape:tcp": "network",
      "escape:udp": "network",
      "ctypes:CDLL": "ctypes",
      "builtins:eval": "code",
      "builtins:exec": "code",
      "builtins:compile": "code",
      "builtins:__import__": "code",
      "importlib:import_module": "code",
      eval: "code",
      exec: "code",
      run: "code",
      "pickle:loads": "pickle",
      "escape:unpickle": "pickle",
      "gc:get_objects": "introspection",
      "sys:_getframe": "introspection",
      "sys:modules": "introspection",
      "escape:raise_limit": "introspection",
    });
    expect(existsSync(canary)).toBe(false);
    // What libraries need is left.
    expect(await py.call("json:dumps", [{ a: [1] }])).toBe('{"a": [1]}');
    expect(await py.call("math:hypot", [3, 4])).toBe(5);
  });

  test("judges the object that is reached, whatever way leads to it", async () => {
    const py = await opened({ isolation: "guarded" });
    const random = py.import("random");
    const os = attribute(random, "_os");
    const shuffle = attribute(random.shuffle, "__func__");
    expect(await ruleOf(os.system("true"))).toBe("processes");
    expect(await ruleOf(attribute(os, "__dict__"))).toBe("introspection");
    expect(await ruleOf(attribute(shuffle, "__globals__"))).toBe("introspection");
    expect(await ruleOf(attribute(shuffle, "__code__"))).toBe("introspection");
    expect(await ruleOf(py.call("builtins:getattr", [os, "system"]))).toBe("processes");
    // What is only reached while it is worked out is denied where it is used.
    const getter = await py.call<never>("operator:attrgetter", ["_os.system"]);
    const systems = py.call("builtins:list", [
      await py.call<never>("builtins:map", [getter, [random]]),
    ]);
    const [system] = (await systems) as unknown as never[];
    expect(await ruleOf(py.call("builtins:map", [system, ["true"]]))).toBe("processes");
    expect(await ruleOf(py.call("functools:reduce", [os.system, ["true", 1]]))).toBe("processes");
    expect(await ruleOf(py.call("functools:partial", [os.system, "true"]))).toBe("processes");
    expect(await ruleOf(py.call("escape:set_attribute", ["math", "pi"]))).toBe(
      "not denied, got null",
    );
    expect(await ruleOf(py.call("builtins:setattr", [py.import("math"), "pi", 3]))).toBe("code");
  });

  test("has nothing in Python that would end it", async () => {
    const py = await opened({ isolation: "guarded" });
    expect(await py.call("escape:hook_state")).toEqual(["PolicyDenied", "PolicyDenied", 0]);
    expect(await ruleOf(py.call("escape:system", ["true"]))).toBe("processes");
    expect(await py.call("escape:system_from_thread", ["true"])).toEqual(["PolicyDenied"]);
    expect(await ruleOf(py.call("escape:popen", [["true"]]))).toBe("processes");
    expect(py.status().pools["default"]?.workers[0]).toMatchObject({ guard: "native" });
  });

  test("lets a program reach the libraries of its list alone", async () => {
    const policy = { libraries: { allow: ["math", "statistics", "random"], deny: ["decimal"] } };
    const py = await opened({ isolation: "guarded", policy });
    expect(await py.call("math:sqrt", [4])).toBe(2);
    expect(await py.call("builtins:len", [[1, 2]])).toBe(2);
    expect(await ruleOf(py.call("json:dumps", [1]))).toBe("libraries.allow");
    expect(await ruleOf(attribute(py.import("random"), "_os").getcwd())).toBe("libraries.allow");
    expect(await ruleOf(py.call("builtins:open", ["/etc/hosts"]))).toBe("libraries.allow");
    expect(await ruleOf(py.call("decimal:Decimal", [1]))).toBe("libraries.deny");
  });

  test("does not load what the policy denies, for libraries either", async () => {
    const py = await opened({ isolation: "guarded", policy: { libraries: { deny: ["sqlite3"] } } });
    const policy = { code: true, libraries: { deny: ["sqlite3"] } };
    const open = await opened({ isolation: "guarded", policy });
    expect(await ruleOf(py.call("sqlite3:connect", [":memory:"]))).toBe("libraries.deny");
    expect(await ruleOf(open.exec("import sqlite3"))).toBe("libraries.deny");
    expect(await ruleOf(open.exec("import sqlite3.dbapi2 as s"))).toBe("libraries.deny");
    expect(await ruleOf(open.call("escape:import_again", ["sqlite3"]))).toBe("libraries.deny");
    const star = { code: true, libraries: { deny: ["sql*"] } };
    const starred = await opened({ isolation: "guarded", policy: star });
    expect(await ruleOf(starred.exec("import sqlite3"))).toBe("libraries.deny");
    expect(await ruleOf(starred.call("sqlite3:connect", [":memory:"]))).toBe("libraries.deny");
  });

  test("holds a program to the functions of its lists", async () => {
    const functions = { allow: ["math:*", "random:*"], deny: ["math:sin", "random:Random.seed"] };
    const py = await opened({ isolation: "guarded", policy: { functions } });
    expect(await py.call("math:cos", [0])).toBe(1);
    expect(await ruleOf(py.call("math:sin", [0]))).toBe("functions.deny");
    expect(await ruleOf(py.import("math").sin(0))).toBe("functions.deny");
    expect(await ruleOf(py.call("random:seed", [1]))).toBe("functions.deny");
    expect(await ruleOf(py.call("json:dumps", [1]))).toBe("functions.allow");
    expect(await ruleOf(py.import("json").dumps(1))).toBe("functions.allow");
  });

  test("holds a program to lists of functions that C code made, and to methods of what they gave", async () => {
    const functions = { allow: ["numpy:*"], deny: ["numpy:sin"] };
    const py = await opened({ isolation: "guarded", policy: { functions } });
    const numpy = py.import("numpy");
    expect(await ruleOf(py.call("numpy:sin", [0]))).toBe("functions.deny");
    expect(await ruleOf(numpy.sin(0))).toBe("functions.deny");
    expect(await numpy.cos(0)).toBe(1);
    expect(await numpy.array([1, 2]).sum()).toBe(3);
    expect(await numpy.linalg.norm([3, 4])).toBe(5);
  });

  test("holds Python to the files of its lists, through links and around corners too", async () => {
    const { folder, secret } = secretFolder();
    const inside = secretFolder();
    const link = join(inside.folder, "link");
    symlinkSync(secret, link);
    const files = { read: [inside.secret, inside.folder], write: [join(inside.folder, "out")] };
    const py = await opened({ isolation: "guarded", policy: { files } });
    expect(await py.call("escape:read", [inside.secret])).toBe(CANARY);
    expect(await py.call("escape:write", [join(inside.folder, "out")])).toBe("written");
    const around = `${inside.folder}/../${folder.split("/").at(-1)}/secret.txt`;
    for (const path of [secret, link, around, `${inside.folder}/nothing/../../x`, "/etc/passwd"]) {
      expect(await ruleOf(py.call("escape:read", [path]))).toBe("files.read");
    }
    for (const path of [join(folder, "new"), join(inside.folder, "new"), inside.secret]) {
      expect(await ruleOf(py.call("escape:write", [path]))).toBe("files.write");
    }
    expect(await ruleOf(py.call("os:listdir", [folder]))).toBe("files.read");
    expect(await ruleOf(py.call("os:remove", [secret]))).toBe("files.write");
    const moved = py.call("os:rename", [join(inside.folder, "out"), join(folder, "x")]);
    expect(await ruleOf(moved)).toBe("files.write");
    expect(existsSync(secret)).toBe(true);
  });

  test("counts and tells what is denied, also where a library takes no for an answer", async () => {
    const heard: PolicyDenied[] = [];
    const leave = subscribe(({ event }) => heard.push(event as PolicyDenied), ["policyDenied"]);
    try {
      const py = await opened({ isolation: "guarded" });
      expect(await py.call("escape:swallow", ["true"])).toBe("PolicyDenied: processes");
      await expect.poll(() => heard).toHaveLength(1);
      expect(heard[0]).toMatchObject({
        pool: "default",
        worker: 1,
        rule: "processes",
        event: "os.system",
        target: "true",
        count: 1,
      });
      expect(await py.call("escape:many_denials", [1_000])).toBe(1_000);
      const denials = (): number | undefined => py.status().pools["default"]?.workers[0]?.denials;
      await expect.poll(denials).toBe(1_000);
      expect(heard.length).toBeLessThan(200);
    } finally {
      leave();
    }
  });

  test("allows what is granted, and no more", async () => {
    const py = await opened({ isolation: "guarded", policy: { processes: true, code: true } });
    expect(await py.call("os:system", ["true"])).toBe(0);
    expect(await py.eval("1 + 1")).toBe(2);
    expect(await ruleOf(py.call("ctypes:CDLL", [null]))).toBe("ctypes");
    expect(await ruleOf(py.eval("__import__('ctypes').CDLL(None)"))).toBe("ctypes");
  });

  test.each(["process", "thread", "asyncio"] as const)(
    "of the profile %s is held to it, however it is started",
    async (profile) => {
      const py = await opened({ isolation: "guarded", profile, forkServer: false });
      expect(await ruleOf(py.call("escape:system", ["true"]))).toBe("processes");
      expect(await ruleOf(py.import("subprocess").run(["true"]))).toBe("processes");
      expect(await py.call("math:sqrt", [4])).toBe(2);
    },
  );

  test("can still have its calls broken off", async () => {
    const py = await opened({ isolation: "guarded", graceMs: 60_000 });
    const before = py.status().pools["default"]?.workers[0]?.pid;
    const call = py.call("escape:interrupted", [], { timeoutMs: 50 });
    await expect(call).rejects.toMatchObject({ code: "CALL_TIMEOUT" });
    expect(await py.call("math:sqrt", [4])).toBe(2);
    expect(py.status().pools["default"]?.workers[0]?.pid).toBe(before);
  });
});

describe("options of isolation that make no sense", () => {
  test.each<readonly [string, object, string]>([
    ["a level that there is not", { isolation: "locked" }, "none, guarded or sandboxed"],
    ["a policy without a level", { policy: {} }, "needs isolation"],
    ["a rule that there is not", { isolation: "guarded", policy: { shell: true } }, "no shell"],
    ["a grant that is a text", { isolation: "guarded", policy: { code: "no" } }, "true or false"],
    ["one path", { isolation: "guarded", policy: { files: { read: "/a" } } }, "list of texts"],
    ["a relative path", { isolation: "guarded", policy: { files: { read: ["a"] } } }, "absolute"],
    [
      "a star within a module",
      { isolation: "guarded", policy: { libraries: { deny: ["a*b"] } } },
      "* stands last",
    ],
    ["a list that there is not", { isolation: "guarded", policy: { files: { run: [] } } }, "write"],
  ])("%s is refused", async (_, options, reason) => {
    await expect(openPython({ config: false, ...options })).rejects.toThrow(reason);
  });
});
