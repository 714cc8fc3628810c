/** Names of devices: `cpu`, `cuda:0`, `rocm:1`, `mps`. */
export const DEVICE_NAME: RegExp =
  /^(?<kind>cpu|mps|cuda|rocm)(?::(?<index>[0-9]{1,3}|(?:GPU|MIG)-[0-9A-Za-z/-]{1,80}))?$/;

/**
 * The variables that let a worker see this device and no other of its kind.
 *
 * In the worker the device is number 0.
 *
 * @throws {RangeError} for what is no name of a device
 */
export function deviceEnvironment(device: string): Readonly<Record<string, string>> {
  const { kind, index = "0" } = DEVICE_NAME.exec(device)?.groups ?? {};
  switch (kind) {
    case "cuda":
      return { CUDA_DEVICE_ORDER: "PCI_BUS_ID", CUDA_VISIBLE_DEVICES: index };
    case "rocm":
      return { ROCR_VISIBLE_DEVICES: index, HIP_VISIBLE_DEVICES: "0" };
    case "cpu":
      return { CUDA_VISIBLE_DEVICES: "", ROCR_VISIBLE_DEVICES: "", HIP_VISIBLE_DEVICES: "" };
    case "mps":
      return {};
    default:
      throw new RangeError(
        `Cannot use device: it must be cpu, mps, cuda:N or rocm:N, got ${JSON.stringify(device)}`,
      );
  }
}
