import { afterEach, describe, expect, test } from "vitest";

import { SharedMemory } from "../../memory/index.ts";
import { nativeCore } from "../../native-core.ts";
import { LentMemory } from "./lent-memory.ts";
import { ANNOUNCEMENT_BYTES } from "./opening.ts";
import { RawSocket } from "./raw-socket.ts";

const MOST = 256;
const native = await nativeCore();

describe("memory lent to a guest", () => {
  if (native.kind === "unavailable") {
    test("is announced", ({ skip }) => skip(native.reason));
    return;
  }
  const { core } = native;
  const opened: Disposable[] = [];
  afterEach(() => {
    for (const thing of opened.splice(0)) thing[Symbol.dispose]();
  });
  function keep<T extends Disposable>(thing: T): T {
    opened.push(thing);
    return thing;
  }

  test("is refused beyond 256 regions, until one of them is gone", async () => {
    const [near, far] = core.socketPair();
    const host = keep(new RawSocket(core, near));
    const guest = keep(new RawSocket(core, far));
    for (const end of [near, far]) core.closeDescriptor(end);
    const lent = new LentMemory(keep(await SharedMemory.open()).link(), host, 0x2_0000);
    const region = keep(core.createRegion(4096));
    const announce = (id: number): void => {
      lent.announce({ id, bytes: 4096, descriptor: region.descriptor });
    };
    const target = new Uint8Array(ANNOUNCEMENT_BYTES);
    for (let id = 1; id <= MOST; id += 1) {
      announce(id);
      guest.closeAll(guest.take(target, 1)?.descriptors ?? []);
    }
    expect(() => announce(MOST + 1)).toThrow(
      expect.objectContaining({ code: "MEMORY_REFUSED" }) as Error,
    );
    expect(guest.take(target, 1)).toBeUndefined();
    lent.retire(7);
    announce(MOST + 1);
    expect(guest.take(target, 1)).toMatchObject({ descriptors: [] });
    expect(target[0]).toBe(2);
    const last = guest.take(target, 1);
    expect(last?.descriptors).toHaveLength(1);
    guest.closeAll(last?.descriptors ?? []);
    lent.link.close();
  });
});
