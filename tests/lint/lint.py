#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The house rules that a program can check. Usage: lint.py RULE ROOT [FILE].
Prints each breach as file:line: text; exits 1 when there is one."""
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

FOLDERS = ("plugin", "onvif", "config", "service", "examples", "tests")

# Who may include whose headers (docs/architecture.md).
CORES = {
    "plugin/base": ["plugin/base"],
    "plugin/motion": ["plugin/base", "plugin/motion"],
    "plugin/redact": ["plugin/base", "plugin/redact"],
    "plugin/consent": ["plugin/base", "plugin/consent"],
    "config": ["plugin/base", "plugin/motion", "plugin/consent", "config"],
    "onvif": ["plugin/base", "onvif"],
}
ELEMENTS = list(CORES) + ["plugin", "plugin/doorbell", "plugin/share"]
SERVICE = ELEMENTS + ["service"]
MAX_FILE_LINES = 800
MAX_FUNCTION_LINES = 100
MAX_NESTING = 3
MAX_README_LINES = 20


def sources(root, *endings):
    for folder in FOLDERS:
        for path in sorted((root / folder).rglob("*")):
            if path.suffix in endings and path.is_file():
                yield path


def is_core(root, path):
    folder = str(path.parent.relative_to(root))
    return folder in CORES and not path.name.startswith("gst")


def allowed_folders(root, path):
    folder = str(path.parent.relative_to(root))
    if is_core(root, path):
        return CORES[folder]
    if folder.startswith("plugin"):
        return ELEMENTS
    if folder == "service":
        return SERVICE
    return None


def includes(path):
    pattern = re.compile(r'\s*#\s*include\s*([<"])([^>"]+)[>"]')
    for number, line in enumerate(path.read_text().splitlines(), 1):
        match = pattern.match(line)
        if match:
            yield number, match[1], match[2]


def rule_includes(root):
    """A core includes no GLib and no GStreamer, and nobody reaches across."""
    owners = {}
    for path in sources(root, ".h"):
        folder = str(path.parent.relative_to(root))
        owners.setdefault(path.name, []).append(folder)
    for path in sources(root, ".c", ".h"):
        allowed = allowed_folders(root, path)
        if allowed is None:
            continue
        for number, kind, name in includes(path):
            if kind == "<":
                if is_core(root, path) and re.match(r"(gst|glib|gio|gobject)",
                                                    name):
                    yield f"{path}:{number}: a core includes <{name}>"
                continue
            owner = owners.get(name)
            if owner and not set(owner) & set(allowed):
                yield f"{path}:{number}: {name} of {owner[0]} is out of reach"
            if name.startswith("gst") and is_core(root, path):
                yield f"{path}:{number}: a core includes {name}"


def rule_soap(root):
    """Nothing outside onvif/ sees a soap type."""
    pattern = re.compile(r"\bstruct soap\b|\bsoap_\w+ ?\(|stdsoap2|soapH\.h")
    for path in sources(root, ".c", ".h"):
        if path.parts[len(root.parts)] == "onvif" and path.name != "onvif.h":
            continue
        for number, line in enumerate(path.read_text().splitlines(), 1):
            if pattern.search(line):
                yield f"{path}:{number}: a soap type outside onvif/"


def flags(*packages):
    output = subprocess.run(["pkg-config", "--cflags", *packages], text=True,
                            capture_output=True, check=True).stdout
    return shlex.split(output)


def rule_headers(root, generated):
    """Each header compiles alone, with only what it may reach. `generated` is
    where gSOAP's code for onvif/ lies."""
    gst = flags("gstreamer-1.0", "gstreamer-base-1.0", "gstreamer-video-1.0",
                "gstreamer-audio-1.0", "gstreamer-check-1.0",
                "gstreamer-rtsp-server-1.0", "cairo")
    compiler = shlex.split(os.environ.get("CC", "cc"))
    for path in sources(root, ".h"):
        folders = allowed_folders(root, path)
        if folders is None:
            folders = SERVICE + [str(path.parent.relative_to(root)),
                                 "tests/common", "examples/doorbell-sim"]
        command = compiler + ["-std=c11", "-D_DEFAULT_SOURCE", "-fsyntax-only",
                              "-Wall", "-Wextra", "-Werror", "-x", "c",
                              str(path)]
        command += [f"-I{root / folder}" for folder in folders]
        command += [] if is_core(root, path) else gst
        if path.is_relative_to(root / "onvif"):
            command += flags("gsoapssl") + ["-isystem", generated]
        # `#pragma once in main file` is what compiling a header alone means.
        command += ["-Wno-error", "-w"]
        result = subprocess.run(command, text=True, capture_output=True,
                                check=False)
        if result.returncode:
            yield f"{path}: does not compile alone\n{result.stderr}"


def rule_exports(root, plugin):
    """The plugin exports only gst_plugin_*."""
    del root
    output = subprocess.run(["nm", "-D", "--defined-only", plugin], text=True,
                            capture_output=True, check=True).stdout
    names = [line.split()[-1] for line in output.splitlines()]
    if not any(name.startswith("gst_plugin_") for name in names):
        yield f"{plugin}: exports no gst_plugin_*"
    for name in names:
        # What a sanitizer adds to every library is not ours.
        if not name.startswith(("gst_plugin_", "__odr_asan", "__asan",
                                "__ubsan", "__sanitizer")):
            yield f"{plugin}: exports {name}"


def functions(path):
    output = subprocess.run(
        ["ctags", "-x", "--c-kinds=f", "--fields=+ne",
         "--_xformat=%N %n %e", str(path)],
        text=True, capture_output=True, check=True).stdout
    for line in output.splitlines():
        name, start, end = line.split()
        yield name, int(start), int(end)


def deepest_nesting(lines):
    """Blocks in blocks; in our layout a block's brace has its own line."""
    depth = deepest = 0
    for line in lines:
        text = line.strip()
        if text == "{":
            depth += 1
            deepest = max(deepest, depth)
        elif text.startswith("}"):
            depth = max(depth - 1, 0)
    return deepest - 1


def rule_sizes(root):
    """Files of at most 800 lines, functions of at most 100 lines and 3 levels."""
    for path in sources(root, ".c", ".h", ".py", ".sh"):
        n_lines = len(path.read_text().splitlines())
        if n_lines > MAX_FILE_LINES:
            yield f"{path}: {n_lines} lines, more than {MAX_FILE_LINES}"
    for path in sources(root, ".c"):
        lines = path.read_text().splitlines()
        for name, start, end in functions(path):
            n_lines = end - start + 1
            nesting = deepest_nesting(lines[start - 1:end])
            if nesting > MAX_NESTING:
                yield f"{path}:{start}: {name} () nests {nesting} deep"
            if n_lines > MAX_FUNCTION_LINES and "class_init" not in name:
                yield f"{path}:{start}: {name} () has {n_lines} lines"


def rule_files(root):
    """SPDX lines, folder READMEs, no leftovers."""
    leftover = re.compile(r"\b(TODO|FIXME|XXX)\b")
    for path in sources(root, ".c", ".h", ".py", ".sh", ".yaml"):
        text = path.read_text(errors="replace")
        if "SPDX-License-Identifier: GPL-2.0-or-later" not in text[:300]:
            yield f"{path}: no SPDX line"
        if path.name == "lint.py":
            continue
        for number, line in enumerate(text.splitlines(), 1):
            if leftover.search(line):
                yield f"{path}:{number}: leftover: {line.strip()}"
    for folder in list(CORES) + ["plugin/doorbell", "plugin/share", "service",
                                 "tests", "examples"]:
        readme = root / folder / "README.md"
        if not readme.is_file():
            yield f"{folder}: no README.md"
        elif len(readme.read_text().splitlines()) > MAX_README_LINES:
            yield f"{readme}: more than {MAX_README_LINES} lines"


def main():
    rule = globals()[f"rule_{sys.argv[1]}"]
    root = Path(sys.argv[2]).resolve()
    breaches = list(rule(root, *sys.argv[3:]))
    for breach in breaches:
        print(breach)
    return 1 if breaches else 0


if __name__ == "__main__":
    sys.exit(main())
