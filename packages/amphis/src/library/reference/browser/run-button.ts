import type { PageDocument, PageElement } from "./dom.ts";

declare const document: PageDocument;

/** What the server says of one statement. */
interface Outcome {
  readonly source: string;
  readonly output: string;
  readonly error: string | null;
}

/** Adds a button to each example that asks the server of the site to run it. */
export function startExamples(): void {
  const root = document.currentScript?.dataset["root"] ?? "";
  for (const example of document.querySelectorAll("[data-example]")) addButton(example, root);
}

function addButton(example: PageElement, root: string): void {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = "Run the example";
  const output = document.createElement("pre");
  output.className = "output";
  output.setAttribute("role", "status");
  output.hidden = true;
  button.addEventListener("click", () => {
    button.disabled = true;
    void run(root, example.dataset["example"] ?? "").then((text) => {
      output.textContent = text;
      output.hidden = false;
      button.disabled = false;
    });
  });
  example.append(button, output);
}

/** Only the name of the example is sent: the server knows what it says. */
async function run(root: string, id: string): Promise<string> {
  try {
    const answer = await fetch(`${root}run`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ id }),
    });
    const said = (await answer.json()) as {
      readonly steps?: readonly Outcome[];
      readonly error?: string;
    };
    if (said.steps === undefined) return said.error ?? `The server answered with ${answer.status}.`;
    return said.steps.map(textOf).join("\n");
  } catch {
    return "The server does not answer: it was stopped, or never started.";
  }
}

function textOf({ source, output, error }: Outcome): string {
  const [first = "", ...more] = source.split("\n");
  const shown = [`>>> ${first}`, ...more.map((line) => `... ${line}`)].join("\n");
  return [shown, output.trimEnd(), error ?? ""].filter((part) => part !== "").join("\n");
}
