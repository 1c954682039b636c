"""What is found, in which order, and where."""

from datetime import date

import pytest

from studybuddy.catalog import plain_transcripts
from studybuddy.catalog.search import MOST_TEXTS
from studybuddy.errors import InvalidInputError
from tests.search.conftest import Box, marked, name


def test_everything_that_holds_a_word_is_found(box: Box) -> None:
    first = box.session("Zebra titles")
    second = box.session("B", subject="zebra")
    third = box.session("C", tagged=("zebra",))
    box.session("D", notes="The zebra in the notes")
    box.file(first, "zebra.pdf")
    box.file(second, "page.pdf", "nothing", "a zebra on page two")
    spoken = box.recording(third, "talk.mp3", "and then", "the zebra came")
    box.mark("notes", spoken, 754_000, "a zebra!")
    box.mark("bookmarks", spoken, 5_000, "Zebra")
    found = {name(one): one for one in box.find("zebra").found}
    assert set(found) == {"Zebra titles", "B", "C", "D", "zebra.pdf", "page.pdf", "talk.mp3"}
    assert [(hit.what, hit.page) for hit in found["page.pdf"].hits] == [("page", 2)]
    assert {(hit.what, hit.at_ms) for hit in found["talk.mp3"].hits} >= {("note", 754_000), ("bookmark", 5_000)}
    assert [hit.what for hit in found["D"].hits] == ["notes"]


def test_titles_and_names_stand_before_texts_and_the_better_text_before_the_worse(box: Box) -> None:
    session = box.session("Physics")
    box.file(session, "b.pdf", "entropy " + "and many other words " * 40)
    box.file(session, "c.pdf", "entropy entropy entropy")
    box.file(session, "On the entropy of things.pdf")
    box.file(session, "entropy.pdf")
    box.session("Tagged", tagged=("entropy",))
    assert box.titles("entropy") == ["entropy.pdf", "On the entropy of things.pdf", "Tagged", "c.pdf", "b.pdf"]


def test_whole_words_stand_before_words_that_only_begin_so(box: Box) -> None:
    session = box.session("Banking")
    box.file(session, "1.pdf", "the rate " + "and many other words " * 40, "rates rates rates")
    box.file(session, "2.pdf", "rates rates rates")
    box.file(session, "rates.pdf")
    box.file(session, "What the rate of interest is in the long run.pdf")
    box.session("Whole", tagged=("rate",))
    box.session("Begun", tagged=("rated",))
    by_name = ["What the rate of interest is in the long run.pdf", "rates.pdf"]
    assert box.titles("rate") == [*by_name, "Whole", "Begun", "1.pdf", "2.pdf"]
    assert next(one for one in box.find("rate").found if name(one) == "1.pdf").hits[0].page == 1
    box.session("Notes", notes="A long note on many things, among them the rate of something")
    box.session("Begun notes", notes="rated")
    assert box.titles("rate")[-4:] == ["Notes", "1.pdf", "2.pdf", "Begun notes"]


def test_a_whole_word_is_found_also_behind_very_many_words_that_begin_so(box: Box) -> None:
    session = box.session("A")
    old = box.file(session, "old.pdf", "rate")
    box.file(session, "new.pdf", *["rates"] * (MOST_TEXTS + 1))
    assert next(one.file.id for one in box.find("rate").found if one.file) == old


def test_the_places_in_one_file_stand_together_with_the_best_first(box: Box) -> None:
    pages = ["heat " + "other words " * 50] * 6
    pages[3] = "heat heat"
    box.file(box.session("A"), "a.pdf", *pages)
    (found,) = box.find("heat").found
    assert found.count == 6
    assert found.hits[0].page == 4
    assert [hit.page for hit in found.hits[1:]] == sorted(hit.page or 0 for hit in found.hits[1:])
    (whole,) = box.find("heat", file_id=found.file.id if found.file else 0).found
    assert [hit.page for hit in whole.hits] == [1, 2, 3, 4, 5, 6]


def test_a_phrase_over_two_cues_is_found_at_its_second(box: Box) -> None:
    cues = [f"cue number{number} says something of little weight and ends with the" for number in range(60)]
    cues[30] = "here it ends with entropy"
    cues[31] = "never falls as we know"
    box.recording(box.session("A"), "a.mp3", *cues)
    (found,) = box.find('"entropy never falls"').found
    (hit,) = found.hits
    assert marked(hit.pieces).count("[entropy never falls]") == 1
    assert hit.at_ms is not None
    assert 120_000 < hit.at_ms < 124_000
    assert hit.second == (hit.at_ms - 3000) // 1000


def test_what_a_text_without_times_says_opens_its_recording_at_the_start(box: Box) -> None:
    session = box.session("A")
    recording = box.recording(session, "talk.mp3")
    parts = "\n\n".join(f"part {number} " + "of it " * 30 for number in range(50))
    text = box.file(session, "talk.txt", parts, "entropy")
    with box.catalog.write() as db:
        plain_transcripts.show(db, text, at=recording)
    found = {name(one): one.hits for one in box.find("entropy").found}
    assert [(hit.what, hit.at_ms, hit.second) for hit in found["talk.mp3"]] == [("transcript", None, 0)]
    assert [(hit.what, hit.page) for hit in found["talk.txt"]] == [("page", 2)]
    assert box.titles('"part 31" of it', kind="audio") == ["talk.mp3"]


def test_every_pair_of_neighbouring_words_in_a_transcript_is_found(box: Box) -> None:
    words = [f"w{number}" for number in range(600)]
    box.recording(box.session("A"), "a.mp3", *(" ".join(words[at : at + 3]) for at in range(0, 600, 3)))
    for at in range(599):
        assert box.titles(f'"{words[at]} {words[at + 1]}"') == ["a.mp3"]


def test_nothing_in_the_trash_is_found_until_it_is_restored(box: Box) -> None:
    session = box.session("Zebra", notes="zebra")
    file = box.file(session, "zebra.pdf", "zebra")
    spoken = box.recording(session, "a.mp3", "zebra")
    box.mark("notes", spoken, 0, "zebra")
    everything = box.titles("zebra")
    assert len(everything) == 3
    box.run("UPDATE files SET trashed_at = '2026-01-01' WHERE id = ?", file)
    assert box.titles("zebra") == ["Zebra", "a.mp3"]
    box.run("UPDATE sessions SET trashed_at = '2026-01-01'")
    assert box.titles("zebra") == []
    box.run("UPDATE sessions SET trashed_at = NULL")
    box.run("UPDATE files SET trashed_at = NULL")
    assert box.titles("zebra") == everything


def test_a_file_that_nobody_has_acknowledged_is_not_found(box: Box) -> None:
    session = box.session("A")
    file = box.file(session, "zebra.pdf", "zebra")
    box.run("UPDATE files SET current_copy_id = NULL WHERE id = ?", file)
    assert box.titles("zebra") == []


def test_filters_narrow_what_is_found(box: Box) -> None:
    physics = box.session("Physics heat", subject="Science", tagged=("exam",))
    other = box.session("Other heat")
    box.file(physics, "a.pdf", "heat")
    spoken = box.recording(physics, "b.mp3", "heat")
    linked = box.file(other, "c.pdf", "heat")
    box.run("INSERT INTO links VALUES (?, ?, '')", physics, linked)
    box.run("UPDATE files SET created_at = '2020-05-05T10:00:00.000000Z' WHERE id = ?", spoken)

    def found(**narrowed: object) -> set[str]:
        return set(box.titles("heat", **narrowed))

    assert found() == {"Physics heat", "Other heat", "a.pdf", "b.mp3", "c.pdf"}
    assert found(kind="audio") == {"b.mp3"}
    assert found(session_id=physics) == {"Physics heat", "a.pdf", "b.mp3", "c.pdf"}
    assert found(tag="EXAM") == {"Physics heat", "a.pdf", "b.mp3"}
    assert found(subject="Science", kind="document") == {"a.pdf"}
    assert found(tag="no such tag") == set()
    assert found(until=date(2020, 5, 5)) == {"b.mp3"}
    assert found(since=date(2020, 5, 6), kind="audio") == set()
    assert found(file_id=spoken) == {"b.mp3"}


def test_words_that_are_excluded_leave_no_hit(box: Box) -> None:
    session = box.session("A")
    box.file(session, "a.pdf", "heat engine", "heat pump")
    (found,) = box.find("heat -engine ").found
    assert [hit.page for hit in found.hits] == [2]


def test_pages_of_results_follow_each_other_without_gaps(box: Box) -> None:
    session = box.session("A")
    for number in range(25):
        box.file(session, f"{number}.pdf", f"heat {'word ' * (number % 7)}", kind="document")
    whole = box.titles("heat", limit=100)
    paged: list[str] = []
    after = None
    while True:
        results = box.find("heat", limit=4, after=after)
        paged += [name(found) for found in results.found]
        after = results.next
        if after is None:
            break
    assert paged == whole
    assert len(paged) == 25
    with pytest.raises(InvalidInputError):
        box.find("heat", after="nonsense")


def test_of_a_word_that_stands_everywhere_the_newest_are_ranked_and_that_is_said(box: Box) -> None:
    session = box.session("A")
    first = box.file(session, "first.pdf", "heat")
    assert box.find("heat").complete
    with box.catalog.write() as db:
        db.conn.executemany(
            "INSERT INTO pages VALUES (?, ?, 'heat')", ((first, number) for number in range(2, MOST_TEXTS + 2))
        )
    box.file(session, "last.pdf", "heat")
    results = box.find("heat")
    assert not results.complete
    assert {name(found) for found in results.found} == {"first.pdf", "last.pdf"}


def test_a_lecture_is_found_by_its_title(box: Box) -> None:
    session = box.session("A")
    file = box.recording(session, "rec_0012.m4a", "hello")
    box.run(
        "INSERT INTO lectures (session_id, title, audio_file_id, created_at) VALUES (?, 'Carnot cycle', ?, '')",
        session, file,
    )  # fmt: skip
    (found,) = box.find("carnot").found
    assert marked(found.title) == "[Carnot] cycle"
    assert name(found) == "rec_0012.m4a"


@pytest.mark.parametrize(
    "query", ['"', "C++", "it's", "-x", "\x00", "+-*/", "NEAR(a b)", "a AND", "title:x", "x" * 10_000]
)
def test_any_query_gives_an_answer(box: Box, query: str) -> None:
    box.file(box.session("A"), "a.pdf", "it's C++ and x, AND near a b title")
    box.find(query)


def test_what_has_no_word_is_not_understood(box: Box) -> None:
    assert not box.find("-x").understood
    assert box.find("x").understood


def test_markdown_is_shown_without_its_marks_unless_the_word_stands_in_them(box: Box) -> None:
    noted = box.session("A", notes="## Heat\n\nThe **first** law, see [the book](https://example.org/carnot)")
    file_id = box.file(noted, "a.md", "# Second law\n\n**Entropy** never *falls*")
    box.run("UPDATE files SET content_type = 'text/markdown; charset=utf-8' WHERE id = ?", file_id)
    box.file(noted, "a.txt", "**Zebra** as it stands")
    assert box.text("first") == "Heat The [first] law, see the book"
    assert box.text("entropy") == "Second law [Entropy] never falls"
    assert box.text("carnot") == "…The **first** law, see [the book](https://example.org/[carnot])"
    assert box.text("zebra") == "**[Zebra]** as it stands"
