import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

import { expect, test } from "vitest";

import { DeviceTensor } from "../../src/memory/index.ts";
import { rejection, until } from "../wait.ts";
import { describeGuest } from "./described.ts";
import { type Answer, Guest } from "./started.ts";

/*
 * The tensors are NumPy's, which the guest is told to leave where they are: handles, shares, releases and deaths are those of a GPU. What
 * another process needs to see one is CUDA: the tests that need it say so where there is none.
 */

function asDevice(answer: Answer): DeviceTensor {
  if (answer instanceof DeviceTensor) return answer;
  throw new TypeError(`Cannot take answer: it is no device tensor: ${String(answer)}`);
}

async function made(guest: Guest, rows = 2, columns = 3): Promise<DeviceTensor> {
  return asDevice(await guest.call("device_work:make", rows, columns));
}

const living = (guest: Guest): Promise<Answer> => guest.call("device_work:living");

/** Nothing is left of any handle on either side. */
async function expectNothingLeft(guest: Guest): Promise<void> {
  expect(await living(guest)).toBe(0);
  expect(guest.connection.memory?.devices.figures()).toMatchObject({
    named: 0,
    shares: 0,
    unknownReleases: 0,
  });
}

async function without(library: "torch" | "cuda"): Promise<string | undefined> {
  const guest = await Guest.start();
  try {
    const asked = library === "torch" ? "torch:is_tensor" : "torch.cuda:is_available";
    const answer = await guest.call(asked, ...(library === "torch" ? [1] : []));
    return library === "torch" || answer === true ? undefined : "torch sees no CUDA device";
  } catch (error) {
    return `torch is not installed: ${(error as Error).message}`;
  }
}

describeGuest("tensors that stay in Python", () => {
  test("show what they are, and come back as the very same object", async () => {
    const guest = await Guest.start();
    using tensor = await made(guest);
    const { device, dtype, shape, strides, byteLength } = tensor;
    expect({ device, dtype, shape, strides, byteLength }).toEqual({
      device: "cpu:0",
      dtype: "float32",
      shape: [2, 3],
      strides: [12, 4],
      byteLength: 24,
    });
    expect(await guest.call("device_work:is_last", tensor)).toBe(true);
    expect(await guest.call("device_work:total", tensor)).toBe(15);
    expect(() => tensor.bytes).toThrow(/they are on cpu:0; let Python copy them to the host/);
  });

  test("are forgotten by Python when they are released, once", async () => {
    const guest = await Guest.start();
    const tensor = await made(guest);
    using again = asDevice(await guest.call("device_work:echo", tensor));
    expect(await living(guest)).toBe(1);
    tensor.release();
    tensor.release();
    expect(await living(guest)).toBe(1);
    again.release();
    await expectNothingLeft(guest);
    expect(() => guest.carrier.carry(tensor)).toThrow(
      expect.objectContaining({ code: "DEVICE_TENSOR_GONE" }),
    );
  });

  test("are there for a call that was sent before they were released", async () => {
    const guest = await Guest.start();
    const tensor = await made(guest);
    const answers = [
      guest.call("device_work:is_last", tensor),
      guest.call("device_work:total", tensor),
    ];
    tensor.release();
    expect(await Promise.all(answers)).toEqual([true, 15]);
    await expectNothingLeft(guest);
  });

  test("go when a frame with them is not sent after all", async () => {
    const guest = await Guest.start();
    const tensor = await made(guest);
    const outgoing = guest.carrier.carry(tensor);
    tensor.release();
    expect(await living(guest)).toBe(1);
    outgoing.cancel();
    outgoing.cancel();
    await expectNothingLeft(guest);
  });

  test("are all let go when there are many", async () => {
    const guest = await Guest.start();
    const tensors = await Promise.all(Array.from({ length: 300 }, () => made(guest, 1, 1)));
    expect(await living(guest)).toBe(300);
    for (const tensor of tensors) tensor.release();
    while ((await living(guest)) !== 0);
    await expectNothingLeft(guest);
  });

  test("are let go when they are forgotten", async () => {
    const guest = await Guest.start();
    await made(guest);
    setFlagsFromString("--expose-gc");
    const collect = runInNewContext("gc") as () => void;
    do collect();
    while ((await living(guest)) !== 0);
    expect(guest.connection.memory?.devices.figures()).toMatchObject({ named: 0, lost: 1 });
  });

  test("are gone with their process, and releasing them is no error", async () => {
    const [guest, other] = await Promise.all([Guest.start(), Guest.start()]);
    const tensor = await made(guest);
    const answer = guest.call("work:die");
    await expect(answer).rejects.toMatchObject({ code: "PEER_LOST" });
    const gone = {
      code: "DEVICE_TENSOR_GONE",
      message: expect.stringContaining("ended") as string,
    };
    expect(await rejection(other.call("device_work:total", tensor))).toMatchObject(gone);
    tensor.release();
    expect(await other.call("device_work:living")).toBe(0);
  });

  test("are refused in another process where no device shares them, and let go of there", async () => {
    const [guest, other] = await Promise.all([Guest.start(), Guest.start()]);
    using tensor = await made(guest);
    // A tensor of its own with the same number must not be taken for it.
    using own = await made(other);
    expect(await rejection(other.call("device_work:total", tensor))).toMatchObject({
      code: "DEVICE_UNAVAILABLE",
      message: expect.stringContaining("it is on cpu:0") as string,
    });
    expect(other.connection.memory?.devices.figures()).toMatchObject({ named: 1, shares: 0 });
    tensor.release();
    own.release();
    await expectNothingLeft(guest);
    await expectNothingLeft(other);
  });

  test("of a guest that died are let go for the others", async () => {
    const [guest, other] = await Promise.all([Guest.start(), Guest.start()]);
    const tensor = await made(guest);
    const outgoing = other.carrier.carry(tensor);
    tensor.release();
    expect(await living(guest)).toBe(1);
    await expect(other.call("work:die")).rejects.toMatchObject({ code: "PEER_LOST" });
    outgoing.cancel();
    await expectNothingLeft(guest);
  });
});

describeGuest("tensors of torch", () => {
  test("keep their history in their process", async ({ skip }) => {
    const reason = await without("torch");
    if (reason !== undefined) skip(reason);
    const guest = await Guest.start();
    using tensor = asDevice(await guest.call("device_work:torch_make"));
    expect(tensor).toMatchObject({ device: "cpu:0", dtype: "bfloat16", shape: [2, 3] });
    expect(await guest.call("device_work:is_last", tensor)).toBe(true);
    tensor.release();
    await expectNothingLeft(guest);
  });

  test("on a device without memory are refused with what torch says", async ({ skip }) => {
    const reason = await without("torch");
    if (reason !== undefined) skip(reason);
    const guest = await Guest.start();
    await expect(guest.call("device_work:torch_meta")).rejects.toThrow(/on meta/);
    await expectNothingLeft(guest);
  });

  test("on a CUDA device are seen and written by another process in place", async ({ skip }) => {
    const reason = await without("cuda");
    if (reason !== undefined) skip(reason);
    const [guest, other] = await Promise.all([Guest.start(), Guest.start()]);
    using tensor = asDevice(await guest.call("device_work:cuda_make", 1_000));
    expect(tensor).toMatchObject({ device: "cuda:0", dtype: "float32", byteLength: 4_000 });
    expect(await guest.call("device_work:cuda_total", tensor)).toBe(499_500);
    expect(await other.call("device_work:cuda_double", tensor)).toBe(999_000);
    expect(await guest.call("device_work:cuda_total", tensor)).toBe(999_000);
    await until(() => other.connection.memory?.devices.figures().shares === 0);
    tensor.release();
    expect(await guest.call("device_work:cuda_bytes")).toBe(0);
  });
});
