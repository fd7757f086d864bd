"""The whole program with real servers: what it reports, what it refuses, and how it ends."""

import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests import cache_servers, database_servers
from tests.cache_servers import Certificates, Server, free_port
from tests.caching_demo.conftest import APPLICATION, Outcome, Program
from tests.database_servers import Database
from tests.elasticache_caching.test_cluster import SHARDS, Cluster

pytestmark = [pytest.mark.servers, pytest.mark.cli, pytest.mark.slow]

SECTIONS = ["latency", "hits", "staleness", "races", "stampede", "outage", "sessions"]


def assert_plain(line: str) -> None:
    assert line.endswith("\n")
    text = line[:-1]
    assert text.isascii()
    assert text.isprintable()
    assert not set(text) & {'"', "\\"}


def assert_passed(outcome: Outcome) -> None:
    assert outcome.status == 0, outcome.output
    report = outcome.report
    assert (report["verdict"], report["warnings"]) == ("pass", [])
    assert outcome.summary == report["summary"] + "\n"
    assert outcome.summary.startswith("hit ratio 0.")
    assert_plain(outcome.summary)
    assert all(figure["ok"] for figure in report["figures"])
    assert len(report["figures"]) == 11
    assert [name for name in report if name in SECTIONS] == SECTIONS


@pytest.fixture(scope="module")
def outcome(
    demo_zip: Path,
    tmp_path_factory: pytest.TempPathFactory,
    database: Database,
    cache: Server,
    certificates: Certificates,
) -> Outcome:
    """One run that passes, for all tests that read its report."""
    program = Program(demo_zip, tmp_path_factory.mktemp("passed"), database, certificates)
    return program.run(program.config(cache.port))


def test_every_figure_is_within_its_bound_and_the_line_tells_them(outcome: Outcome) -> None:
    assert_passed(outcome)
    report = outcome.report
    page = report["latency"]["page"]
    assert report["summary"] == (
        f"hit ratio {report['hits']['hit_ratio']:.2f}, "
        f"page p50 {page['cache_ms']['p50']:.1f} ms ({page['database_ms']['p50']:.1f} without), "
        f"stale for good 0 of 60 ({report['races']['plain_stale']} without leases), "
        f"lost session changes 0 of 80 ({report['sessions']['whole_lost']} without fields)"
    )


def test_the_controls_show_the_faults_that_the_library_does_not_have(outcome: Outcome) -> None:
    report = outcome.report
    assert report["races"]["plain_stale"] > 2
    assert report["races"]["refused_fills"] > 2
    assert report["sessions"]["whole_lost"] > 5
    assert report["stampede"]["naive"]["most_in_flight"] > 4
    assert report["outage"]["plain"]["reads_per_s_stopped"] < 1
    assert report["outage"]["plain"]["longest_ms"] > 800 * report["outage"]["seconds_stopped"]


def test_the_cache_is_measured_as_a_cache(outcome: Outcome) -> None:
    report = outcome.report
    for name, query in report["latency"].items():
        assert query["hits"] == query["samples"] >= 20, name
        # In turn, and fewer of them: a busy machine may delay either.
        assert 0 < query["server_ms"]["p50"] < 1.5 * query["database_ms"]["p50"], name
        assert query["cache_ms"]["p50"] <= query["cache_ms"]["p95"] <= query["cache_ms"]["p99"], name
    assert report["hits"]["reads"] == 900
    assert report["hits"]["queries"] == pytest.approx(900 - report["hits"]["hits"], abs=40)
    assert report["hits"]["updates"] == 8
    assert report["outage"]["breaker_openings"] >= 1
    # Reads go on, while those of the other client stand still; a busy machine may stop both for most of a second.
    assert report["outage"]["library"]["reads_per_s_stopped"] > 4 > 4 * report["outage"]["plain"]["reads_per_s_stopped"]
    ttl = report["staleness"]["ttl_seconds"] * 1000
    # Updates at ten times of a TTL; a busy machine makes each later.
    assert 0.1 * ttl < report["staleness"]["ttl_only"]["p50_ms"] < report["staleness"]["ttl_only"]["max_ms"] < 2 * ttl


def test_the_text_says_what_the_output_said_and_names_both_servers(outcome: Outcome) -> None:
    text = (outcome.folder / "report.txt").read_text()
    assert outcome.output == f"{text}report: {outcome.folder / 'index.html'}\n"
    assert "PostgreSQL 1" in text.splitlines()[1]
    assert "cluster mode disabled, TLS on, authentication password" in text.splitlines()[0]


def test_the_plots_are_files_and_in_the_page(outcome: Outcome) -> None:
    names = {path.name for path in outcome.folder.iterdir()}
    plots = {name for name in names if name.endswith(".svg")}
    assert names - plots == {"report.json", "report.txt", "index.html"}
    page = (outcome.folder / "index.html").read_text()
    assert len(plots) == 9
    for name in plots:
        plot = (outcome.folder / name).read_text()
        ElementTree.fromstring(plot)  # noqa: S314 - our own
        assert plot in page


def test_the_role_may_use_its_own_schema_and_nothing_else(outcome: Outcome, database: Database) -> None:
    assert outcome.status == 0
    flags = "SELECT rolsuper, rolcreaterole, rolcreatedb, rolreplication, rolbypassrls, rolcanlogin FROM pg_roles "
    assert database.query(f"{flags} WHERE rolname = '{APPLICATION}'") == "f|f|f|f|f|t"
    may = f"SELECT has_database_privilege('{APPLICATION}', '{database.name}', 'CREATE')"
    assert database.query(may) == "f"
    assert database.query(f"SELECT has_schema_privilege('{APPLICATION}', 'public', 'CREATE')") == "f"
    owners = "SELECT string_agg(DISTINCT tableowner, ',') FROM pg_tables WHERE schemaname = 'caching_demo_shop'"
    assert database.query(owners) == APPLICATION
    assert (
        database.query("SELECT nspowner::regrole FROM pg_namespace WHERE nspname = 'caching_demo_shop'") != APPLICATION
    )


def test_a_second_run_begins_with_the_same_data(
    outcome: Outcome, program: Program, database: Database, cache: Server
) -> None:
    changed = "SELECT count(*) FROM caching_demo_shop.product WHERE version > 1"
    assert int(database.query(changed)) > 0
    database.query("DELETE FROM caching_demo_shop.review WHERE id % 2 = 0")
    again = program.run(program.config(cache.port))
    assert_passed(again)
    assert again.report["hits"]["reads"] == outcome.report["hits"]["reads"]
    assert database.query("SELECT count(*) FROM caching_demo_shop.review") == "10000"


def test_one_of_two_runs_at_once_is_refused(program: Program, cache: Server) -> None:
    config = program.config(cache.port)
    ends = [program.start(config, "--quick", name=name) for name in ("first", "second")]
    outcomes = sorted((each.end() for each in ends), key=lambda outcome: outcome.status)
    assert [outcome.status for outcome in outcomes] == [0, 2], [outcome.output for outcome in outcomes]
    assert outcomes[1].summary == (
        "database: another run of the demonstration is using this database; "
        "next: wait until it has ended, at most its time limit, and run this again\n"
    )


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory, certificates: Certificates) -> Iterator[Cluster]:
    made = Cluster(tmp_path_factory.mktemp("cluster"), certificates, 5000)
    yield made
    for server in made.servers:
        server.process.kill()
        server.process.wait(10)


def test_cluster_mode_without_tls_and_authentication(program: Program, cluster: Cluster) -> None:
    config = program.config(
        cluster.servers[0].port, cluster_mode="enabled", tls=False, authentication="none", shards=SHARDS, user=""
    )
    config["endpoints"][0]["role"] = "configuration"
    done = program.run(config)
    assert_passed(done)
    assert "cluster mode enabled, TLS off, authentication none" in done.output
    # Keys of the measurements were on every shard, and with them the relays of the outage.
    assert all(admin.info("stats")["keyspace_hits"] > 50 for admin in cluster.admins[:SHARDS])


def test_a_cache_that_is_gone_is_a_warning(program: Program) -> None:
    done = program.run(program.config(free_port()))
    assert done.status == 0, done.output
    assert done.summary.startswith("warning: the cache could not be used (ConnectionError: ")
    assert "run cache-connection-test, which names the cause; page p50 " in done.summary
    assert_plain(done.summary)
    report = done.report
    assert report["verdict"] == "warning"
    assert report["cache"]["usable"] is False
    assert report["figures"] == []
    page = report["latency"]["page"]
    assert page["hits"] == 0
    assert page["cache_ms"]["p50"] > 0
    for name in SECTIONS[1:]:
        assert report[name] == {"not_measured": "the cache could not be used"}
    assert "Not measured: the cache could not be used" in (done.folder / "index.html").read_text()


def test_a_cache_that_hangs_is_a_warning_too(program: Program, tmp_path: Path, certificates: Certificates) -> None:
    server = cache_servers.start(tmp_path, "hangs", certificates)
    os.kill(server.process.pid, signal.SIGSTOP)
    try:
        done = program.run(program.config(server.port))
    finally:
        server.process.kill()
        server.process.wait(10)
    assert done.status == 0, done.output
    assert done.summary.startswith("warning: the cache could not be used (")
    assert done.seconds < 30


def test_a_user_without_scripts_is_a_warning(program: Program, tmp_path: Path, certificates: Certificates) -> None:
    server = cache_servers.start(tmp_path, "scripts", certificates)
    admin = server.admin_connection()
    admin.call("ACL", "SETUSER", "app", "-eval", "-evalsha")
    admin.close()
    try:
        done = program.run(program.config(server.port))
    finally:
        server.stop()
    assert done.status == 0, done.output
    assert "NoPermissionError" in done.summary


def test_a_cache_that_loses_its_values_misses_the_bound(
    program: Program, tmp_path: Path, certificates: Certificates
) -> None:
    server = cache_servers.start(tmp_path, "forgets", certificates)
    admin, over = server.admin_connection(), threading.Event()

    def forget() -> None:
        while not over.is_set():
            admin.call("FLUSHALL")
            time.sleep(0.01)

    thread = threading.Thread(target=forget)
    thread.start()
    try:
        done = program.run(program.config(server.port))
    finally:
        over.set()
        thread.join()
        admin.close()
        server.stop()
    assert done.status == 1, done.output
    assert done.report["verdict"] == "fail"
    assert done.summary.startswith("hit_ratio must be at least 0.8, got 0.")
    assert "; measured: hit ratio 0." in done.summary
    assert_plain(done.summary)


def test_a_database_that_is_down_is_an_error(program: Program, cache: Server) -> None:
    config = program.config(cache.port)
    config["database"]["port"] = free_port()
    done = program.run(config)
    assert done.status == 2
    assert done.summary == ("database: it refused the connection; next: check that it is available, and the port\n")
    assert done.report["verdict"] == "error"
    assert done.seconds < 20


@pytest.mark.parametrize(
    ("changes", "options", "cause"),
    [
        ({}, {"secret": "wrong"}, ("refused the password or token (28P01 ", "rds-db:connect")),
        ({"name": "nowhere"}, {}, ("has no such database (3D000 ", "correct database.name")),
        ({"host": "shop.invalid"}, {}, ("its name is not known", "check the host")),
        ({"host": "127.1"}, {}, ("its certificate was refused (", "check the host")),
    ],
)
def test_each_error_of_the_database_has_its_cause_and_action(
    program: Program, cache: Server, changes: dict[str, str], options: dict[str, str], cause: tuple[str, str]
) -> None:
    config = program.config(cache.port)
    config["database"].update(changes)
    done = program.run(config, **options)
    assert done.status == 2, done.output
    head, _, tail = done.summary.partition("; next: ")
    assert head.startswith("database: ")
    assert cause[0] in head
    assert cause[1] in tail
    assert_plain(done.summary)


def test_a_certificate_of_another_authority_is_refused(
    program: Program, cache: Server, certificates: Certificates
) -> None:
    done = program.run(program.config(cache.port), authorities=certificates.other_ca_file.read_text())
    assert done.status == 2
    assert done.summary.startswith("database: its certificate was refused (")


def test_a_user_that_may_not_create_roles_is_told_so(program: Program, cache: Server, tmp_path: Path) -> None:
    with database_servers.database(tmp_path, users={"weak": "weak-password"}) as own:
        config = program.config(cache.port)
        config["database"].update(port=own.port, user="weak")
        trusted = own.ca_file.read_text() + program.certificates.ca_file.read_text()
        done = program.run(config, secret="weak-password", authorities=trusted)
    assert done.status == 2
    assert done.summary.startswith("database: the server denied a permission (42501 ")


def test_the_report_is_written_when_nobody_reads_the_output(program: Program, cache: Server) -> None:
    config = program.config(cache.port)
    config["database"]["port"] = free_port()
    started = program.start(config, "--quick")
    assert started.process.stdout is not None
    started.process.stdout.close()
    assert started.process.wait(60) == 2
    assert (started.folder / "summary").read_text().startswith("database: it refused the connection; ")
    assert (started.folder / "report" / "index.html").exists()


def test_the_time_limit_ends_the_run_with_what_was_measured(program: Program, cache: Server) -> None:
    done = program.run(program.config(cache.port), "--time-limit", "10")
    assert done.status == 2, done.output
    assert done.seconds < 16
    assert done.summary.startswith("time limit: ")
    assert done.report["verdict"] == "error"
    assert done.report["section_seconds"].keys() == {name for name in SECTIONS if name in done.report}


def test_a_configuration_without_a_database_is_refused(program: Program, cache: Server) -> None:
    config = program.config(cache.port)
    del config["database"]
    done = program.run(config)
    assert done.status == 2
    assert done.summary == (
        "configuration: database is missing; deploy with a database, or write its host, port, name and users into it\n"
    )
