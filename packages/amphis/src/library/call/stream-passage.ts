import type { CallOptions } from "../../pool/index.ts";
import type { Work } from "../../worker/index.ts";
import type { HookCall } from "../options.ts";
import { busy } from "./busy.ts";
import type { CallTarget } from "./call-target.ts";
import type { FunctionPlan } from "./function-plan.ts";
import { hookedWork, hookFailed, named } from "./hooks/index.ts";
import type { PassageInit } from "./passage.ts";
import type { Gate } from "./throttle/index.ts";

type StreamInit = Omit<PassageInit, "isBlocking">;

/**
 * The way of a stream: setup and `before`, its turn, and hooks of Python around the function that makes the items. Items are not kept, and
 * no hook sees them.
 */
export async function* streamThrough(
  init: StreamInit,
  target: CallTarget,
): AsyncGenerator<unknown, void, undefined> {
  const { plan } = init;
  const { library, statistics } = plan;
  const since = performance.now();
  const options = plan.optionsOf(init.options);
  statistics.calls += 1;
  let leave: (() => void) | undefined;
  let isError = true;
  try {
    if (library.setup?.isDone === false) await library.setup.done();
    const work = await prepared(init);
    if (library.gate !== undefined) leave = await turn(library.gate, plan, options);
    yield* target.stream(work, options);
    isError = false;
  } catch (error) {
    throw named(error, plan.member, (pid) => library.unusable(pid));
  } finally {
    leave?.();
    statistics.done(performance.now() - since, isError);
  }
}

async function prepared({ plan, work, reach }: StreamInit): Promise<Work> {
  const { library, member } = plan;
  const given = reach === undefined ? work : reach.call;
  if (given === undefined) return work;
  const { args = [], kwargs = {} } = given;
  let call: HookCall = { library: library.name, function: member, args, kwargs };
  const { before } = library.hooks;
  if (typeof before === "function") {
    try {
      call = (await before(call)) ?? call;
    } catch (error) {
      throw hookFailed({ library: library.name, hook: "before", function: member }, error);
    }
  }
  const { callHooks } = library;
  if (callHooks !== undefined) return hookedWork(callHooks, plan, { work, ...call });
  if (call.args === args && call.kwargs === kwargs) return work;
  return reach === undefined
    ? { ...work, args: call.args, kwargs: call.kwargs }
    : reach.with(call.args, call.kwargs);
}

/** Waits for a turn. @returns what ends it */
function turn(gate: Gate, plan: FunctionPlan, options: CallOptions): Promise<() => void> {
  const { timeoutMs, signal } = options;
  return new Promise((resolve, reject) => {
    gate.enter(plan.member, {
      timeoutMs,
      signal,
      pass: () => resolve(() => gate.leave()),
      late: (waitedMs) => reject(busy(plan, waitedMs)),
      // The pool says best what that means.
      aborted: () => resolve(() => undefined),
    });
  });
}
