"""What `run` does before the first page, and what `doctor` finds."""

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import authenticate
from django.core.management import call_command
from django.db.utils import ConnectionHandler
from django.test import override_settings

from generations.management.local import demo, examine, ports, preflight, prepare
from generations.management.local.catalogue import refresh_catalogue
from generations.management.local.errors import CannotStart
from generations.models import User
from meshgallery import env


@pytest.fixture(autouse=True)
def var_dir(tmp_path: Path, settings: Any) -> Path:
    settings.VAR_DIR = tmp_path
    settings.STATIC_ROOT = tmp_path / "static"
    settings.DEMO_USERNAME, settings.DEMO_PASSWORD = "demo", ""
    return tmp_path


@pytest.mark.db
@pytest.mark.django_db
class TestDemo:
    def test_password_is_made_once_and_signs_a_superuser_in(self, var_dir: Path) -> None:
        password = demo.ensure_demo(var_dir)
        assert demo.ensure_demo(var_dir) == password
        assert (var_dir / "demo_password").stat().st_mode & 0o777 == 0o600
        user = authenticate(username="demo", password=password)
        assert isinstance(user, User)
        assert (user.is_superuser, user.is_staff) == (True, True)
        assert User.objects.count() == 1

    def test_second_start_leaves_the_row_alone(self, var_dir: Path) -> None:
        demo.ensure_demo(var_dir)
        before = User.objects.get().password
        demo.ensure_demo(var_dir)
        assert User.objects.get().password == before

    def test_changed_setting_takes_effect_and_is_not_written_down(
        self, var_dir: Path, settings: Any
    ) -> None:
        demo.ensure_demo(var_dir)
        settings.DEMO_PASSWORD = "chosen-by-a-person"
        assert demo.ensure_demo(var_dir) == "chosen-by-a-person"
        assert authenticate(username="demo", password="chosen-by-a-person")
        for path in var_dir.iterdir():
            assert "chosen-by-a-person" not in path.read_text()

    def test_password_changed_on_the_page_is_what_run_prints_again(self, var_dir: Path) -> None:
        password = demo.ensure_demo(var_dir)
        user = User.objects.get()
        user.set_password("another one entirely")
        user.save()
        assert demo.ensure_demo(var_dir) == password
        assert authenticate(username="demo", password=password)

    def test_account_is_locked_once_others_can_reach_the_server(self, var_dir: Path) -> None:
        password = demo.ensure_demo(var_dir)
        assert demo.close_demo(var_dir) is True
        assert authenticate(username="demo", password=password) is None
        assert demo.close_demo(var_dir) is False
        demo.ensure_demo(var_dir)
        assert authenticate(username="demo", password=password)

    def test_a_persons_own_account_of_that_name_is_not_locked(self, var_dir: Path) -> None:
        User.objects.create_user("demo", password="my own account")
        assert demo.close_demo(var_dir) is False
        assert authenticate(username="demo", password="my own account")


@pytest.mark.db
@pytest.mark.django_db
def test_no_migration_is_pending_in_an_up_to_date_database() -> None:
    assert prepare.pending_migrations() == 0
    assert prepare.migrate(before=lambda: pytest.fail("nothing was to be done")) is False


def test_database_that_is_away_is_one_line_without_its_password(monkeypatch: Any) -> None:
    url = f"postgresql://someone:canary@127.0.0.1:{ports.free_port()}/gallery"
    away = ConnectionHandler({"default": env.database(url, Path())})["default"]
    monkeypatch.setattr(prepare, "connection", away)
    monkeypatch.setattr(examine, "connection", away)
    reason = prepare.why_no_database()
    assert "Connection refused" in reason
    assert "\n" not in reason
    assert "canary" not in reason
    assert examine.database().text == "postgresql doesn't answer"
    with pytest.raises(CannotStart, match=r"^The database can't be reached, see DATABASE_URL: "):
        prepare.migrate(before=lambda: None)


def test_static_files_are_collected_again_only_when_one_changed(
    tmp_path: Path, settings: Any
) -> None:
    source = tmp_path / "source"
    source.mkdir()
    (source / "page.css").write_text("a{}")
    settings.STATICFILES_DIRS = [source]
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    assert prepare.collect_static() is True
    assert prepare.collect_static() is False
    (source / "page.css").write_text("a{color:red}")
    (source / "more.css").write_text("b{}")
    assert prepare.collect_static() is True
    assert (tmp_path / "static" / "page.css").read_text() == "a{color:red}"
    (source / "more.css").unlink()
    assert prepare.collect_static() is True
    assert [path.name for path in (tmp_path / "static").iterdir()] == ["page.css"]


def test_preflight_refuses_a_store_of_its_own_beside_another(settings: Any) -> None:
    settings.S3_BUCKET = "elsewhere"
    with pytest.raises(CannotStart, match=r"^--with-s3 .* unset S3_BUCKET"):
        preflight.check_s3_wish()


def test_preflight_refuses_a_redis_that_is_away(settings: Any, monkeypatch: Any) -> None:
    settings.HOST, settings.PORT = "127.0.0.1", ports.free_port()
    settings.REDIS_URL = f"redis://127.0.0.1:{ports.free_port()}/0"
    monkeypatch.setenv("REDIS_URL", settings.REDIS_URL)
    with pytest.raises(CannotStart, match=r"^The Redis that REDIS_URL names doesn't answer"):
        preflight.check_before_start(with_s3=False)


def test_preflight_warns_of_passwords_in_the_clear() -> None:
    with override_settings(ON_LOOPBACK=False, IS_HTTPS=False, DEBUG=False):
        assert len(preflight.warnings()) == 1
        assert "PUBLIC_URL" in preflight.warnings()[0]
    with override_settings(ON_LOOPBACK=False, IS_HTTPS=True, DEBUG=False):
        assert preflight.warnings() == []


def test_preflight_reminds_of_pictures_in_the_private_store(var_dir: Path, settings: Any) -> None:
    settings.DEBUG, settings.ON_LOOPBACK = False, True
    (var_dir / "seaweedfs").mkdir()
    assert preflight.warnings(with_s3=True) == []
    assert preflight.warnings() == [
        "Pictures that were made with --with-s3 are shown only while it is given."
    ]


@pytest.mark.db
@pytest.mark.django_db
class TestDoctor:
    @pytest.fixture(autouse=True)
    def nothing_runs(self, settings: Any) -> None:
        settings.REDIS_URL = ""
        settings.MESH_API_KEY = "rsk_secret_canary"
        settings.MESH_API_BASE_URL = f"http://127.0.0.1:{ports.free_port()}"

    def doctor(self) -> tuple[int, list[str]]:
        out = StringIO()
        with pytest.raises(SystemExit) as ended:
            call_command("doctor", stdout=out)
        assert isinstance(ended.value.code, int)
        return ended.value.code, out.getvalue().splitlines()

    def test_each_part_has_one_line_and_each_fault_a_cure(self) -> None:
        code, lines = self.doctor()
        assert code == 1
        assert [line.split()[:2] for line in lines] == [
            ["ok", "database"],
            ["FAULT", "broker"],
            ["ok", "storage"],
            ["FAULT", "upstream"],
            ["ok", "moderation"],
            ["ok", "spool"],
            ["FAULT", "static"],
        ]
        cures = [line.partition(". ")[2] for line in lines if line.startswith("FAULT")]
        assert cures[0] == "Start manage.py run, or set REDIS_URL."
        assert cures[2] == "Run manage.py collectstatic --no-input."

    def test_no_secret_is_printed(self, settings: Any) -> None:
        settings.REDIS_URL = f"redis://:redis-canary@127.0.0.1:{ports.free_port()}/0"
        _, lines = self.doctor()
        assert "canary" not in "\n".join(lines)

    def test_all_is_well_with_real_servers(
        self, redis_url: str, sandbox: Any, settings: Any, var_dir: Path
    ) -> None:
        prepare.collect_static()
        (var_dir / "static" / "staticfiles.json").write_text("{}")
        code, lines = self.doctor()
        assert [line for line in lines if not line.startswith("ok ")] == []
        assert code == 0

    def test_wrong_key_is_told_from_a_server_that_is_away(
        self, sandbox: Any, settings: Any
    ) -> None:
        settings.MESH_API_KEY = "not-a-key"
        assert examine.provider().cure == "Put a valid key into MESH_API_KEY."

    @pytest.mark.parametrize(
        ("policy", "text"),
        [
            ("off", "off: prompts and pictures are not checked"),
            ("flag", "it gives verdicts; reviewers see what it finds"),
            ("block", "it gives verdicts; what it finds is held back"),
        ],
    )
    def test_moderation_that_answers(
        self, sandbox: Any, settings: Any, policy: str, text: str
    ) -> None:
        settings.MODERATION = policy
        assert examine.moderation() == examine.Finding("moderation", text)

    def test_moderation_that_is_on_and_away_is_a_fault(self, settings: Any) -> None:
        settings.MESH_API_KEY = "rsk_any_key"
        settings.MESH_API_BASE_URL = f"http://127.0.0.1:{ports.free_port()}"
        settings.MODERATION = "block"
        found = examine.moderation()
        assert found.text == "it gives no verdict (refused_connection), and so nothing is sent"
        assert found.cure.endswith(" Or set MODERATION=off.")
        settings.MODERATION = "flag"
        assert examine.moderation().text.endswith("and so everything goes on unchecked")
        settings.MODERATION = "off"
        assert not examine.moderation().is_fault

    def test_storage_that_cannot_be_written_is_a_fault(self, settings: Any, var_dir: Path) -> None:
        (var_dir / "a-file").touch()
        settings.PICTURES_DIR = var_dir / "a-file" / "pictures"
        assert examine.storage().is_fault

    def test_full_disk_is_a_fault(self, monkeypatch: Any) -> None:
        monkeypatch.setattr(examine.spool, "FREE_BYTES_FLOOR", 2**60)
        assert examine.spool_room().cure.endswith("MB nothing is sent.")


@pytest.mark.django_db
def test_catalogue_that_cannot_be_read_is_a_sentence_not_an_end(settings: Any) -> None:
    settings.MESH_API_KEY = "rsk_any_key"
    settings.MESH_API_BASE_URL = f"http://127.0.0.1:{ports.free_port()}"
    assert refresh_catalogue().startswith("The provider did not give it (")
