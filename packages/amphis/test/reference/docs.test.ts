import { describe, expect, test } from "vitest";

import { blocks } from "../../src/library/reference/blocks.ts";
import { inline } from "../../src/library/reference/inline.ts";

const resolve = (name: string): string | undefined => (name === "a.b" ? "a.html#a.b" : undefined);

describe("a line of a docstring", () => {
  test.each([
    ["``a < b`` and `a.b`", '<code>a &lt; b</code> and <a href="a.html#a.b"><code>a.b</code></a>'],
    [":func:`~a.b` or :math:`x_i`", '<a href="a.html#a.b"><code>b</code></a> or <code>x_i</code>'],
    ["*args, a * b, x**2, f(x)**2 and (y)**3", "*args, a * b, x**2, f(x)**2 and (y)**3"],
    [
      "an *important* and **strong** word",
      "an <em>important</em> and <strong>strong</strong> word",
    ],
    [
      "see https://example.org/x, or `here <https://example.org/>`_.",
      'see <a href="https://example.org/x" rel="noopener noreferrer">https://example.org/x</a>, or <a href="https://example.org/" rel="noopener noreferrer">here</a>.',
    ],
    ["`here <javascript:alert(1)>`_", "<code>here</code>"],
    ["``never closed, `nor this", "``never closed, `nor this"],
    ["\\*not\\* this", "*not* this"],
  ])("%s", (text, shown) => {
    expect(String(inline(text, resolve))).toBe(shown);
  });
});

describe("the text of a docstring", () => {
  test.each([
    [
      "A list::\n\n  - one\n  - two",
      '<p>A list:</p>\n<pre tabindex="0" class="text"><code>- one\n- two</code></pre>',
    ],
    ["- one\n  more\n- two", "<ul><li><p>one\nmore</p></li><li><p>two</p></li></ul>"],
    ["1. one\n\n2. two", "<ol><li><p>one</p></li><li><p>two</p></li></ol>"],
    ["Notes\n-----\nText.", "<h4>Notes</h4>\n<p>Text.</p>"],
    ["n : int\n    How many.", "<dl><dt>n : int</dt><dd><p>How many.</p></dd></dl>"],
    [".. note:: Care.", '<div class="note"><strong>note</strong><p>Care.</p></div>'],
    [".. _label:\n\nText.", "\n<p>Text.</p>"],
    ["=  =\na  b\n=  =", "<p>=  =\na  b\n=  =</p>"],
    [
      "==  ==\na   b\n==  ==\n1   2\n==  ==",
      '<div class="wide"><table><thead><tr><th scope="col">a</th><th scope="col">b</th></tr></thead><tbody><tr><td>1</td><td>2</td></tr></tbody></table></div>',
    ],
    [
      "Text\n>>> 1 < 2\nTrue",
      '<p>Text</p>\n<pre tabindex="0" class="python"><code>&gt;&gt;&gt; 1 &lt; 2\nTrue</code></pre>',
    ],
  ])("%j", (text, shown) => {
    expect(String(blocks(text, resolve))).toBe(shown);
  });
});
