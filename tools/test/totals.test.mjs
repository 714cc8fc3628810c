import { describe, expect, test } from "vitest";

import { parseJunit } from "./junit.mjs";
import { keywordExpression } from "./runners.mjs";
import { addUp, closingLines, exitCodeOf, formatTotals, noTests } from "./totals.mjs";

describe("sum", () => {
  test("parts are added up into one closing line", () => {
    const parts = [
      { ...noTests, passed: 3, skipped: 1, skips: [{ file: "a", name: "b", why: "no GPU" }] },
      { ...noTests, passed: 4, failed: 1, failures: [{ file: "c", name: "d", why: "1 is not 2" }] },
      { ...noTests, failed: 1, failures: [{ file: "c", name: "e", why: "no answer" }] },
    ];
    const sum = addUp(parts);
    expect(sum).toEqual({
      passed: 7,
      failed: 2,
      skipped: 1,
      skips: [{ file: "a", name: "b", why: "no GPU" }],
      failures: [
        { file: "c", name: "d", why: "1 is not 2" },
        { file: "c", name: "e", why: "no answer" },
      ],
    });
    expect(formatTotals(sum)).toBe("7 passed, 2 failed, 1 skipped");
  });

  test("what was skipped for one reason is one line of a file, and what failed is named last", () => {
    const lines = closingLines({
      ...noTests,
      failures: [{ file: "a", name: "four", why: "1 is not 2" }],
      skips: [
        { file: "a", name: "one", why: "no GPU" },
        { file: "a", name: "two", why: "no GPU" },
        { file: "b", name: "three", why: "no GPU" },
      ],
    });
    expect(lines).toEqual([
      "skipped a: one and 1 more: no GPU",
      "skipped b: three: no GPU",
      "failed a: four: 1 is not 2",
    ]);
  });

  test("run fails on a failed test and where nothing ran", () => {
    expect(exitCodeOf({ ...noTests, passed: 1 })).toBe(0);
    expect(exitCodeOf({ ...noTests, passed: 1, failed: 1 })).toBe(1);
    expect(exitCodeOf({ ...noTests, skipped: 5 })).toBe(1);
    expect(exitCodeOf(noTests)).toBe(1);
  });
});

describe("report of pytest", () => {
  test("passed, failed, broken and skipped tests are told apart", () => {
    const xml = `<testsuites><testsuite tests="5">
      <testcase classname="tests.test_a" name="test_one[&quot;]" time="0.1" />
      <testcase classname="tests.test_a" name="test_two"><failure message="no: 1&#10;at line 2">text</failure></testcase>
      <testcase classname="tests.test_a" name="test_three"><error message="setup">text</error></testcase>
      <testcase classname="tests.test_a" name="test_four"><skipped type="pytest.skip" message="no &lt;gpu&gt; &amp; co">at</skipped></testcase>
      <testcase classname="tests.test_a" name="test_five"><system-out>a</system-out></testcase>
    </testsuite></testsuites>`;
    expect(parseJunit(xml)).toEqual({
      passed: 2,
      failed: 2,
      skipped: 1,
      failures: [
        { file: "tests.test_a", name: "test_two", why: "no: 1" },
        { file: "tests.test_a", name: "test_three", why: "setup" },
      ],
      skips: [{ file: "tests.test_a", name: "test_four", why: "no <gpu> & co" }],
    });
  });

  test("failure that also breaks its teardown counts once", () => {
    const failed = `<testcase classname="t" name="a"><failure message="x" /></testcase>`;
    const broken = `<testcase classname="t" name="a"><error message="y" /></testcase>`;
    const passed = `<testcase classname="t" name="b" />`;
    const alsoBroken = `<testcase classname="t" name="b"><error message="y" /></testcase>`;
    expect(parseJunit(failed + broken + passed + alsoBroken)).toEqual({
      ...noTests,
      failed: 2,
      failures: [
        { file: "t", name: "a", why: "x" },
        { file: "t", name: "b", why: "y" },
      ],
    });
  });
});

test("filters select Python tests whatever the separator of their words", () => {
  expect(keywordExpression(["unix-socket", "frame"])).toBe("unix_socket or frame");
});
