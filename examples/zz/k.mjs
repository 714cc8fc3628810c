import { openPython } from "amphis";
const py = await openPython({ workers: 1, path: new URL("../crash-recovery", import.meta.url).pathname });
await py.call("subprocess:Popen", [["sleep", "4242"]]).catch((e) => console.log(e.code));
console.log("ready", py.status().pools.default.workers[0].pid);
await py.call("fragile:spin");
