import { createHash } from "node:crypto";

import {
  type ArrowTable,
  fetch,
  isAmphisError,
  kw,
  type PyObject,
  type Tensor,
  Tuple,
} from "amphis";
import { expect, test } from "vitest";

import { rejection } from "../wait.ts";
import { plainPython } from "./plain.ts";
import { story } from "./story.ts";

const DRAWN = `
import hashlib, io
import matplotlib
from matplotlib.figure import Figure
figure = Figure(figsize=(4, 3), dpi=50)
axes = figure.subplots()
axes.bar(["Ulm", "Køge", "Åby"], [3.0, float("nan"), 7.5], color=["#336699", "red", (0.1, 0.6, 0.2)])
line, = axes.plot([0, 1, 2], [1.0, 2.0, 4.0], "k--", linewidth=2, label="trend")
axes.set_title("km each day")
axes.legend(loc="upper left")
`;

story(
  "matplotlib",
  (matplotlib) => {
    matplotlib.same(
      "a figure is drawn to the very pixels that Python draws",
      `${DRAWN}
file = io.BytesIO()
figure.savefig(file, format="raw")
png = io.BytesIO()
figure.savefig(png, format="png")
result = {
    "pixels": hashlib.sha256(file.getvalue()).hexdigest(), "limits": [float(each) for each in axes.get_ylim()],
    "style": line.get_linestyle(), "points": line.get_xydata(), "title": axes.get_title(),
    "labels": [each.get_text() for each in axes.get_xticklabels()],
    "mean": matplotlib.colors.to_hex("tab:blue"), "map": matplotlib.colormaps["viridis"](0.5),
    "heights": [None if each.get_height() != each.get_height() else each.get_height() for each in axes.patches],
}
`,
      async (py) => {
        const figure = await py
          .import("matplotlib.figure")
          .Figure(kw({ figsize: Tuple.of(4, 3), dpi: 50 }));
        const axes = await figure.subplots();
        const colours = ["#336699", "red", Tuple.of(0.1, 0.6, 0.2)];
        await axes.bar(["Ulm", "Køge", "Åby"], [3, NaN, 7.5], kw({ color: colours }));
        const looks = kw({ linewidth: 2, label: "trend" });
        const [line] = await axes.plot([0, 1, 2], new Float64Array([1, 2, 4]), "k--", looks);
        await axes.set_title("km each day");
        await axes.legend(kw({ loc: "upper left" }));
        const file = await py.import("io").BytesIO();
        await figure.savefig(file, kw({ format: "raw" }));
        const pixels: Uint8Array = await file.getvalue();
        const labels = await axes.get_xticklabels();
        const bars = await py.call<PyObject[]>("builtins:list", [axes.patches]);
        const heights: Promise<number>[] = bars.map((bar) => bar.get_height());
        const none = (each: number): number | null => (Number.isNaN(each) ? null : each);
        return {
          pixels: createHash("sha256").update(pixels).digest("hex"),
          limits: [...(await axes.get_ylim())],
          style: await line.get_linestyle(),
          points: (await line.get_xydata()).toNested(),
          title: await axes.get_title(),
          labels: await Promise.all(labels.map((each: { get_text(): unknown }) => each.get_text())),
          mean: await py.import("matplotlib.colors").to_hex("tab:blue"),
          map: [...(await py.import("matplotlib").colormaps.get_cmap("viridis")(0.5))],
          heights: (await Promise.all(heights)).map(none),
        };
      },
    );

    test("a chart of a table is a PNG that plain Python reads: signature, size, colours", async () => {
      const { py } = matplotlib;
      const pyplot = await py.import("matplotlib.pyplot");
      const table: ArrowTable = await py
        .import("pyarrow")
        .table({ x: [0, 1, 2, 3], y: [0, 1, 4, 9] });
      const [figure, axes] = await pyplot.subplots(kw({ figsize: Tuple.of(3, 2), dpi: 100 }));
      await figure.set_facecolor("#ffcc00");
      await axes.fill_between(
        table.getChild("x")?.toArray(),
        [0, 1, 4, 9],
        kw({ color: "#0000ff" }),
      );
      await axes.set_axis_off();
      const file = await py.import("io").BytesIO();
      await figure.savefig(file, kw({ format: "png" }));
      const png: Uint8Array = await file.getvalue();
      await pyplot.close(figure);
      expect([...png.subarray(0, 8)]).toEqual([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10]);
      const script = `
import base64, io
from PIL import Image
read = Image.open(io.BytesIO(base64.b64decode(data))).convert("RGB")
colours = {colour: count for count, colour in read.getcolors(1 << 20)}
result = {"size": read.size, "corner": read.getpixel((0, 0)), "blue": colours[(0, 0, 255)] > 500}
`;
      const [read] = await plainPython([script], { data: Buffer.from(png).toString("base64") });
      const expected = { size: [300, 200], corner: [255, 204, 0], blue: true };
      expect(read).toEqual({ result: expected });
      expect(await fetch(pyplot.get_fignums())).toEqual([]);
    });

    test("pixels of a canvas are an array, and functions of TypeScript format ticks", async () => {
      const { py } = matplotlib;
      const { Figure } = await py.import("matplotlib.figure");
      const { FigureCanvasAgg } = await py.import("matplotlib.backends.backend_agg");
      const figure = await Figure(kw({ figsize: Tuple.of(1, 1), dpi: 40, facecolor: "red" }));
      const axes = await figure.subplots();
      const euro = (value: number): string => `${value.toFixed(1)} €`;
      await axes.yaxis.set_major_formatter(euro);
      await axes.plot([0, 1], [0, 2]);
      const canvas = await FigureCanvasAgg(figure);
      await canvas.draw();
      const pixels: Tensor = await py.import("numpy").asarray(canvas.buffer_rgba());
      expect(pixels.shape).toEqual([40, 40, 4]);
      expect([0, 1, 2, 3].map((band) => pixels.at(0, 0, band))).toEqual([255, 0, 0, 255]);
      const [first] = await axes.get_yticklabels();
      expect(await first.get_text()).toMatch(/^\S?\d\.\d €$/u);
    });

    test("errors of Matplotlib have their exceptions", async () => {
      const pyplot = await matplotlib.py.import("matplotlib.pyplot");
      const colour = await rejection(pyplot.figure(kw({ facecolor: "no colour" })));
      if (!isAmphisError(colour, "PYTHON_ERROR")) throw colour;
      expect(colour).toMatchObject({ type: "ValueError" });
      expect(colour.text).toContain("no colour");
      const lengths = await rejection(pyplot.plot([1, 2, 3], [1, 2]));
      if (!isAmphisError(lengths)) throw lengths;
      expect(lengths.context).toMatchObject({ type: "ValueError" });
      await pyplot.close("all");
    });
  },
  {
    python: {
      packages: ["matplotlib.figure", "matplotlib.pyplot"],
      env: { set: { MPLBACKEND: "agg" } },
    },
  },
);
