import type { PythonPoolOptions } from "../python/index.ts";
import { type AmphisConfig, defineConfig, type PoolConfig } from "./options.ts";
import { count, flag, list, object, type Shape, text } from "./shape.ts";

// What can be configured.
defineConfig({
  $schema: "./config.schema.json",
  python: "3.12",
  libraries: {
    numpy: {
      version: ">=2,<3",
      pure: { "linalg.*": true, "random.*": false, "fft.*": { ttlMs: 1_000 } },
      hooks: {
        setup: async ({ call }) => void (await call("my_hooks:warm_up")),
        before: (call) => ({ ...call, args: call.args.slice(1) }),
        after: "my_hooks:after",
      },
    },
  },
  $production: { pools: { default: { workers: 16 } } },
});

// @ts-expect-error a reference has a colon
defineConfig({ libraries: { numpy: { hooks: { setup: "warm_up" } } } });
// @ts-expect-error there is no such option
defineConfig({ libraries: { numpy: { verison: "2" } } });
// @ts-expect-error there is no such profile
defineConfig({ pools: { default: { profile: "fast" } } });
// @ts-expect-error a rate needs a number of calls
defineConfig({ libraries: { numpy: { rateLimit: { perMs: 1 } } } });
// @ts-expect-error stages have no stages
defineConfig({ $production: { $test: {} } });

// What is read is what openPython takes.
declare const pool: PoolConfig;
const options: PythonPoolOptions = pool;
void options;

interface Sample {
  readonly size?: number | undefined;
  readonly names: readonly string[];
}

// The shape of a type has all of its members, with their types, and tells which are needed.
object<Sample>("Sample", { size: count(0), names: list(text()) }, ["names"]);
// @ts-expect-error a member is missing
object<Sample>("Sample", { names: list(text()) });
// @ts-expect-error a member has another type
object<Sample>("Sample", { size: flag(), names: list(text()) });
// @ts-expect-error there is no such member
object<Sample>("Sample", { size: count(0), names: list(text()), more: flag() });
// @ts-expect-error it is not needed
object<Sample>("Sample", { size: count(0), names: list(text()) }, ["size"]);
const wide: Shape<string> = text();
// @ts-expect-error neither is it the shape of a narrower type
const narrower: Shape<"a"> = wide;
void narrower;

declare const config: AmphisConfig;
// @ts-expect-error what is configured is not changed
config.python = "3.13";
