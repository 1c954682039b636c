"""A process that moves a library to and fro without end: plans, runs, undoes, cleans up; as its environment says."""

import random
from pathlib import Path

from studybuddy.catalog.migrations import Scope
from studybuddy.settings import load_settings
from studybuddy.wiring import Wiring, open_all


def main() -> None:
    wiring = open_all(load_settings(env_file=Path("no.env")))
    chance = random.Random()
    print("ready", flush=True)
    while True:
        step(wiring, chance)


def step(wiring: Wiring, chance: random.Random) -> None:
    """Do what comes next, with the last migration or with another one."""
    migrations, last = wiring.migrations, wiring.migrations.page(limit=1)
    match last[0].state if last else "cleaned":
        case "cleaned":
            source, target = chance.sample(["local", "s3"], 2)
            migrations.plan(source, target, Scope(order=chance.choice(["oldest", "smallest"])))
        case "done" if last[0].count("switched").files and chance.random() < 0.5:
            migrations.undo(last[0].id)
        case "done" | "undone":
            migrations.clean_up(last[0].id, now=True)
        case _:
            migrations.run(last[0].id)


if __name__ == "__main__":
    main()
