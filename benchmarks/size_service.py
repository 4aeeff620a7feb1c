"""How much room the service takes: bytes of the file by what is kept, memory of the process.

    python benchmarks/size_service.py [--learners 20000]

Not part of `make bench`. The onboarding sample's catalogue, ten answers by each learner in batches
of 5,000, ids of 14 and 16 characters; then the state of everybody, and one decision about each of
2,000. The file is measured in pages after each. Memory is that of `attain serve`'s process on this
database, before any question and after recommendations for 5,000 learners, once each.
"""

from __future__ import annotations

import argparse
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from reporting import print_rows, write_results
from senders import flood, request, run
from soak_service import looked_at
from speed_service import serving

ANSWERS, AT_ONCE, DECISIONS, ASKED = 10, 500, 2_000, 5_000
COLUMNS = ("what", "bytes", "mib")


def sizes(database: Path, learners: int) -> Iterator[dict[str, Any]]:
    """Fill a database, and give what each of the things kept takes."""
    from engine.domain import Response
    from service.deciding import Asked
    from service.keys import Grant
    from service.scopes import Scope
    from service.tables import read_folder, sample_folder
    from service.workspace import Workspace

    sample = read_folder(sample_folder())
    items, ids = list(sample.curriculum.items), [f"learner-{n:06d}" for n in range(learners)]
    with Workspace.open(database) as workspace:
        workspace.put_all(sample.curriculum, roles=sample.roles)
        before = size(database)
        yield {"what": "the catalogue and roles", "bytes": before}
        for start in range(0, learners, AT_ONCE):
            workspace.record(
                [
                    Response(one, items[(n * 7 + k * 13) % len(items)], 1.0, None, f"{one[2:]}-{k}")
                    for n, one in enumerate(ids[start : start + AT_ONCE], start)
                    for k in range(ANSWERS)
                ]
            )
        before, after = size(database), before
        yield {"what": "a response", "bytes": (before - after) / (learners * ANSWERS)}
        list(workspace.replay_all())
        before, after = size(database), before
        yield {"what": "a learner's state, ten skills", "bytes": (before - after) / learners}
        role_id = sample.roles[0].role_id
        for one in ids[:DECISIONS]:
            workspace.serve(workspace.view(one, role_id), Asked())
        workspace.decisions(None, 1)  # which waits until they are logged
        yield {"what": "a decision", "bytes": (size(database) - before) / DECISIONS}
        issued = workspace.create_key("size", Grant([Scope.READ_ALL]))
    asked = f"/v1/learners/{{}}/recommendations?role={role_id}"
    questions = [request(issued.secret, "GET", asked.format(one)) for one in ids[:ASKED]]
    with serving(database) as server:
        yield {"what": "the process, idle", "mib": looked_at(server, database)["memory_mib"]}
        run(flood(server.port, questions, 8))
        memory = looked_at(server, database)["memory_mib"]
        yield {"what": f"the process, {len(questions):,} learners asked about", "mib": memory}


def size(database: Path) -> int:
    """Return the bytes of a database, what is in its log still included."""
    with closing(sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True)) as connection:
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        (each,) = connection.execute("PRAGMA page_size").fetchone()
    return int(pages) * int(each)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--learners", type=int, default=20_000)
    learners = max(parser.parse_args().learners, ASKED)
    with tempfile.TemporaryDirectory() as folder:
        rows = list(sizes(Path(folder) / "attain.db", learners))
    print_rows(rows, COLUMNS)
    write_results("size_service", rows)


if __name__ == "__main__":
    main()
