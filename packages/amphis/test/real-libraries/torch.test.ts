import {
  add,
  fetch,
  isAmphisError,
  isPython,
  item,
  keep,
  kw,
  matmul,
  slice,
  type Tensor,
  Tuple,
  typeOf,
} from "amphis";
import { expect, test } from "vitest";

import { rejection } from "../wait.ts";
import { exact, story } from "./story.ts";

story("torch", (own) => {
  own.same(
    "a network is trained step by step with gradients as in Python",
    `
import torch
torch.manual_seed(11)
torch.set_num_threads(1)
x = torch.linspace(-1, 1, 16).reshape(-1, 1)
y = 3 * x + 0.5
model = torch.nn.Sequential(torch.nn.Linear(1, 4), torch.nn.Tanh(), torch.nn.Linear(4, 1))
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
losses = []
for _ in range(5):
    optimizer.zero_grad()
    loss = torch.nn.functional.mse_loss(model(x), y)
    loss.backward()
    optimizer.step()
    losses.append(loss.item())
with torch.no_grad():
    predicted = model(x[:3]).numpy()
result = {
    "losses": losses, "predicted": predicted, "parameters": sum(each.numel() for each in model.parameters()),
    "names": list(model.state_dict()), "bias": model[2].bias.detach().numpy(), "training": model.eval().training,
}
`,
    async (py) => {
      const torch = await py.import("torch");
      const nn = await py.import("torch.nn");
      await torch.manual_seed(11);
      await torch.set_num_threads(1);
      const x = await torch.linspace(-1, 1, 16).reshape(-1, 1);
      const y = await add(torch.mul(x, 3), 0.5);
      const model = await nn.Sequential(nn.Linear(1, 4), nn.Tanh(), nn.Linear(4, 1));
      const optimizer = await py.import("torch.optim").SGD(model.parameters(), kw({ lr: 0.1 }));
      const losses: number[] = [];
      for (let step = 0; step < 5; step += 1) {
        await optimizer.zero_grad();
        const loss = await keep(nn.functional.mse_loss(model(x), y));
        await loss.backward();
        await optimizer.step();
        losses.push(await loss.item());
      }
      const predicted: Tensor = await model(item(x, slice(0, 3)))
        .detach()
        .numpy();
      const names: string[] = await py.call("builtins:list", [model.state_dict()]);
      const sizes = py.eval("sum(each.numel() for each in model.parameters())", { model });
      return {
        losses,
        predicted: predicted.toNested(),
        parameters: await sizes,
        names,
        bias: (await item(model, 2).bias.detach().numpy()).toNested(),
        training: await model.eval().training,
      };
    },
  );

  own.same(
    "tensors of every kind are arrays when they are fetched, however they lie",
    `
import torch
a = torch.arange(12.0).reshape(3, 4)
result = {
    "transposed": a.T.tolist(), "strided": a[:, ::2].tolist(), "nan": torch.tensor([float("nan"), 1.0]).tolist(),
    "bool": (a > 5)[1].tolist(), "i64": torch.tensor([2**53 + 1]).tolist(), "half": torch.tensor([0.1], dtype=torch.float16).tolist(),
    "product": (a @ a.T).tolist(), "top": torch.topk(a[2], 2).indices.tolist(), "empty": torch.empty(0, 3).tolist(),
    "type": [True, "torch.Tensor"], "scalar": torch.tensor(2.5).item(), "from": (torch.from_numpy(a.numpy()) * 2).sum().item(),
}
`,
    async (py) => {
      const torch = await py.import("torch");
      const a = await keep(torch.arange(12).reshape(3, 4).to(torch.float32));
      const read = async (step: unknown): Promise<unknown> =>
        exact((await fetch<Tensor>(step as never)).toNested());
      const numbers: Tensor = await a.numpy();
      return {
        transposed: await read(a.T),
        strided: await read(item(a, slice(), slice(null, null, 2))),
        nan: await read(torch.tensor([NaN, 1])),
        bool: await read(item(torch.gt(a, 5), 1)),
        i64: await read(torch.tensor([2n ** 53n + 1n])),
        half: await read(torch.tensor([0.1], kw({ dtype: torch.float16 }))),
        product: await read(matmul(a, a.T)),
        top: await read(torch.topk(item(a, 2), 2).indices),
        empty: await read(torch.empty(0, 3)),
        type: [isPython(a), typeOf(a)],
        scalar: await torch.tensor(2.5).item(),
        from: await torch.from_numpy(numbers.copy()).mul(2).sum().item(),
      };
    },
  );

  test("functions of TypeScript are gradient hooks, and what they throw comes back", async () => {
    const torch = await own.py.import("torch");
    const x = await torch.tensor([2.5], kw({ requires_grad: true }));
    const seen: number[] = [];
    await x.register_hook(async (gradient: typeof x) => {
      seen.push(await gradient.item());
      return null;
    });
    await torch.mul(x, 3).sum().backward();
    expect(seen).toEqual([3]);
    const thrown = new RangeError("stop");
    const w = await torch.tensor([1.5], kw({ requires_grad: true }));
    await w.register_hook(() => {
      throw thrown;
    });
    expect(await rejection(torch.mul(w, 2).sum().backward())).toBe(thrown);
  });

  test("errors of torch have their codes, shapes and exceptions", async () => {
    const torch = await own.py.import("torch");
    const shapes = await rejection(torch.matmul(torch.ones(2, 3), torch.ones(2, 3)));
    if (!isAmphisError(shapes, "SHAPE_MISMATCH")) throw shapes;
    expect(shapes).toMatchObject({
      type: "RuntimeError",
      shapes: [
        [2, 3],
        [2, 3],
      ],
    });
    const kinds = await rejection(torch.matmul(torch.ones(2), torch.ones(2).to(torch.float64)));
    expect(isAmphisError(kinds, "DTYPE_MISMATCH")).toBe(true);
    const gradient = await rejection(torch.ones(2).sum().backward());
    expect(gradient).toMatchObject({ code: "PYTHON_ERROR", type: "RuntimeError" });
    const size = await rejection(torch.zeros(Tuple.of(2, -1)));
    expect(size).toMatchObject({ type: "RuntimeError" });
  });
});
