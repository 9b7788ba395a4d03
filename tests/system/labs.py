"""Does a lesson of docs/labs, or README.md, as a student would: types what its console blocks show, line by line, in one shell, and
holds what comes against what the lesson promises. Prints TAP lines without a plan; fails if a line isn't as promised.

In a block of the kind "console" a line that begins with "$ " is typed, with the lines that follow it and begin with
"> "; what comes next, up to the block's end or the next "$ ", is promised. How lines are compared:
  - blanks: any number is as good as one
  - ids, addresses and UUIDs: what the first one stands for holds for the whole lesson, also where it is typed, and two that
    differ in the lesson differ here
  - dates with a time, and amounts in dollars: any other one is as good
  - what to do next after an error need not be promised
  - the note that guests are emulated, which a new HOME gives once where there is no KVM, isn't looked at
  - "..." in a line is any text, and alone any number of lines
A line that is typed has to succeed, unless an error is promised ("amilaunch: CODE: ...")."""
import os
import re
import subprocess
import sys

BOUND = r"\b(?:ami|i|vol|snap|eni|r|key)-[0-9a-f]{17}\b|\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b|\b172\.31\.\d+\.\d+\b"
ANY_TIME = r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(?: UTC|Z)"
ANY_AMOUNT = r"\$\d+\.\d+"
PLACE = re.compile("(%s)|(%s)|(%s)|(\\.\\.\\.)" % (BOUND, ANY_TIME, ANY_AMOUNT))
EMULATED = re.compile(r"amilaunch: note: .*: guests are emulated \(TCG\)")
NEXT = "amilaunch: next: "
DONE = "labs-step-is-done"


class Step:
    def __init__(self, line):
        self.typed = [line]
        self.promised = []


def steps_of(path):
    steps, inside = [], False
    for line in open(path, encoding="utf-8"):
        line = line.rstrip("\n")
        if line.startswith("```"):
            inside = line == "```console"
        elif not inside:
            continue
        elif line.startswith("$ "):
            steps.append(Step(line[2:]))
        elif line.startswith("> ") and not steps[-1].promised:
            steps[-1].typed.append(line[2:])
        else:
            steps[-1].promised.append(line)
    return steps


class Shell:
    def __init__(self, scratch):
        self.file = os.path.join(scratch, "typed")
        self.process = subprocess.Popen(
            ["bash", "--noprofile", "--norc"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT)

    def type(self, lines):
        """What comes, and the exit status."""
        with open(self.file, "w", encoding="utf-8") as file:
            file.write("\n".join(lines) + "\n")
        self.process.stdin.write(f". '{self.file}' </dev/null\nprintf '\\n{DONE} %s\\n' $?\n".encode())
        self.process.stdin.flush()
        came = []
        for line in self.process.stdout:
            line = line.decode("utf-8", "replace").rstrip("\n")
            if line.startswith(DONE):
                break
            if not EMULATED.match(line):
                came.append(line)
        else:
            return came, -1
        if came and came[-1] == "":
            came.pop()
        return came, int(line.split()[1])


def matches(promised, came, bound):
    """BOUND with what this line adds to it; None if it is another line."""
    pattern, names = "", []
    for i, part in enumerate(PLACE.split(promised.strip())):
        kind = i % 5
        if part is None:
            continue
        if kind == 0:
            pattern += r"\s+".join(re.escape(word) for word in re.split(r"\s+", part))
        elif kind == 1:
            names.append(part)
            pattern += "(" + BOUND + ")"
        else:
            pattern += {2: ANY_TIME, 3: ANY_AMOUNT, 4: ".*?"}[kind]
    found = re.fullmatch(pattern, came.strip())
    if not found:
        return None
    bound = dict(bound)
    for name, value in zip(names, found.groups()):
        if name.split("-")[0] != value.split("-")[0] and re.match("[a-z]+-", name):
            return None
        if bound.get(name, value) != value or (name not in bound and value in bound.values()):
            return None
        bound[name] = value
    return bound


def meant(typed, bound):
    return [re.sub(BOUND, lambda found: bound.get(found[0], found[0]), line) for line in typed]


def fits(promised, came, bound):
    if not promised:
        return bound if not came else None
    if promised[0].strip() == "...":
        for skipped in range(len(came) + 1):
            got = fits(promised[1:], came[skipped:], bound)
            if got is not None:
                return got
        return None
    if not came:
        return None
    got = matches(promised[0], came[0], bound)
    return None if got is None else fits(promised[1:], came[1:], got)


def shown(text, lines):
    return "".join(f"#   {text} {line}\n" for line in lines)


def main():
    path, scratch, number = sys.argv[1], sys.argv[2], int(sys.argv[3])
    name = os.path.basename(path)[:-3]
    shell, bound = Shell(scratch), {}
    for step in steps_of(path):
        number += 1
        came, status = shell.type(meant(step.typed, bound))
        if not any(line.startswith(NEXT) for line in step.promised):
            came = [line for line in came if not line.startswith(NEXT)]
        got = fits(step.promised, came, bound)
        refused = any(re.match(r"amilaunch: [A-Z]\w*(\.\w+)?: ", line) for line in step.promised)
        good = got is not None and (status == 0) != refused
        text = step.typed[0].replace("#", "\\#")
        print(f"{'ok' if good else 'not ok'} {number} - {name}: {text}", flush=True)
        if not good:
            print(f"# exit status {status}\n" + shown("promised", step.promised) + shown("came", came), end="", flush=True)
            sys.exit(1)
        bound = got


main()
