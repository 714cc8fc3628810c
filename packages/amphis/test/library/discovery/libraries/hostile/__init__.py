"""Its modules do what modules should not."""

import os
import subprocess
import sys

print("to stdout")
os.write(1, b'{"at": "somewhere"}\n')
sys.stderr.write("to stderr\n")
sys.stdout.close()
if "HOSTILE_CHILD" in os.environ:
    child = subprocess.Popen(["sleep", "3600"])
    with open(os.environ["HOSTILE_CHILD"], "w") as file:
        file.write(str(child.pid))
