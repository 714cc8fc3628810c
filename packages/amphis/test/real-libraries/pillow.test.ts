import { fetch, isAmphisError, isPython, item, keep, kw, slice, type Tensor, Tuple } from "amphis";
import { expect, test } from "vitest";

import { rejection } from "../wait.ts";
import { plainPython } from "./plain.ts";
import { story } from "./story.ts";

/** A gradient with a half transparent corner. */
function gradient(): Uint8Array {
  const pixels = new Uint8Array(8 * 6 * 4);
  for (let y = 0; y < 6; y += 1) {
    for (let x = 0; x < 8; x += 1) {
      pixels.set([x * 32, y * 40, 255 - x * 8, 255 - y * 20], (y * 8 + x) * 4);
    }
  }
  return pixels;
}

const GRADIENT = `
from PIL import Image
pixels = bytes(v for y in range(6) for x in range(8) for v in (x * 32, y * 40, 255 - x * 8, 255 - y * 20))
picture = Image.frombytes("RGBA", (8, 6), pixels)
`;

story("PIL", (pillow) => {
  pillow.same(
    "a picture is made of bytes, turned, resized, filtered and measured as in Python",
    `${GRADIENT}
from PIL import ImageFilter, ImageOps, ImageStat
small = picture.convert("RGB").rotate(90, expand=True).resize((4, 4), Image.Resampling.BILINEAR)
grey = ImageOps.autocontrast(picture.convert("L")).filter(ImageFilter.BoxBlur(1))
result = {
    "small": list(small.tobytes()), "grey": list(grey.tobytes()), "size": small.size, "mode": small.mode,
    "mean": ImageStat.Stat(picture).mean, "histogram": sum(grey.histogram()), "box": picture.getbbox(),
    "pixel": picture.getpixel((3, 2)), "bands": picture.getbands(),
}
`,
    async (py) => {
      const Image = await py.import("PIL.Image");
      const [filters, ops] = [await py.import("PIL.ImageFilter"), await py.import("PIL.ImageOps")];
      const picture = await Image.frombytes("RGBA", Tuple.of(8, 6), gradient());
      const small = await picture
        .convert("RGB")
        .rotate(90, kw({ expand: true }))
        .resize(Tuple.of(4, 4), Image.Resampling.BILINEAR);
      const grey = await ops.autocontrast(picture.convert("L")).filter(filters.BoxBlur(1));
      const counts: number[] = await grey.histogram();
      return {
        small: [...(await small.tobytes())],
        grey: [...(await grey.tobytes())],
        size: [...(await small.size)],
        mode: await small.mode,
        mean: await py.import("PIL.ImageStat").Stat(picture).mean,
        histogram: counts.reduce((sum, each) => sum + each),
        box: [...(await picture.getbbox())],
        pixel: [...(await picture.getpixel(Tuple.of(3, 2)))],
        bands: [...(await picture.getbands())],
      };
    },
  );

  pillow.same(
    "pictures are arrays both ways, of each mode, and parts that do not lie together too",
    `${GRADIENT}
import numpy as np
rgba = np.asarray(picture)
def at(mode):
    converted = picture.convert(mode)
    array = np.asarray(converted.convert("L") if mode == "1" else converted).reshape(6, 8, -1)
    return [list(array.shape), str(array.dtype), array[2].tolist()]
flipped = Image.fromarray(np.ascontiguousarray(rgba[::-1, :, :3]))
result = {
    "live": True, "modes": [at(mode) for mode in ("L", "RGB", "1", "I", "F")], "flipped": list(flipped.tobytes())[:12],
    "red": rgba[:, ::2, 0].tolist(), "palette": sorted(picture.convert("P").getcolors(), reverse=True)[0][0],
}
`,
    async (py) => {
      const Image = await py.import("PIL.Image");
      const picture = await Image.frombytes("RGBA", Tuple.of(8, 6), gradient());
      const at = async (mode: string): Promise<unknown> => {
        const array = await fetch<Tensor>(picture.convert(mode));
        return [array.shape, array.dtype, (array.toNested() as unknown[])[2]];
      };
      const modes: unknown[] = [];
      for (const mode of ["L", "RGB", "1", "I", "F"]) modes.push(await at(mode));
      const np = await py.import("numpy");
      const rgba = await keep(np.asarray(picture));
      const turned = item(rgba, slice(null, null, -1), slice(), slice(0, 3));
      const flipped = Image.fromarray(np.ascontiguousarray(turned));
      const red = await fetch<Tensor>(item(rgba, slice(), slice(null, null, 2), 0));
      const colours: number[][] = await picture.convert("P").getcolors();
      return {
        live: isPython(picture),
        modes,
        flipped: [...(await flipped.tobytes())].slice(0, 12),
        red: red.toNested(),
        palette: Math.max(...colours.map(([count = 0]) => count)),
      };
    },
  );

  test("what is written as PNG and JPEG is what plain Python reads", async () => {
    const { py } = pillow;
    const Image = await py.import("PIL.Image");
    const picture = await Image.frombytes("RGBA", Tuple.of(8, 6), gradient());
    const file = await py.import("io").BytesIO();
    await picture.save(file, kw({ format: "PNG", pnginfo: null }));
    const bytes: Uint8Array = await file.getvalue();
    const script = `
import base64, io
from PIL import Image
read = Image.open(io.BytesIO(base64.b64decode(data)))
result = {"format": read.format, "mode": read.mode, "size": read.size, "pixels": list(read.tobytes())}
`;
    const [read] = await plainPython([script], { data: Buffer.from(bytes).toString("base64") });
    const expected = { format: "PNG", mode: "RGBA", size: [8, 6], pixels: [...gradient()] };
    expect(read).toEqual({ result: expected });
    const again = await Image.open(py.import("io").BytesIO(bytes));
    expect((await fetch<Tensor>(again)).shape).toEqual([6, 8, 4]);
  });

  test("errors of Pillow have their exceptions", async () => {
    const { py } = pillow;
    const Image = await py.import("PIL.Image");
    const file = py.import("io").BytesIO(Buffer.from("no picture"));
    const unknown = await rejection(Image.open(file));
    if (!isAmphisError(unknown, "PYTHON_ERROR")) throw unknown;
    expect(unknown).toMatchObject({ type: "UnidentifiedImageError" });
    const short = await rejection(Image.frombytes("RGB", Tuple.of(9, 9), new Uint8Array(3)));
    expect(short).toMatchObject({ type: "ValueError" });
    const mode = await rejection(Image.new("RGBX9", Tuple.of(1, 1)));
    expect(mode).toMatchObject({ type: "ValueError" });
  });
});
