"""Settings: the real registries by default, and every slip named."""

from pathlib import Path

import pytest

from living.config import Settings, load_settings, notify_socket, shipped
from living.errors import UserError


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import os

    for name in list(os.environ):
        if name.startswith("LIVING_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def test_by_default_it_asks_the_real_registries_and_listens_to_nobody_but_this_machine() -> None:
    found = load_settings()
    assert found.ncbi_url == "https://eutils.ncbi.nlm.nih.gov/entrez/eutils"
    assert found.ctgov_url == "https://clinicaltrials.gov/api/v2"
    assert (found.host, found.port, found.address) == ("127.0.0.1", 8080, "http://127.0.0.1:8080")
    assert (found.home, found.smtp_host, found.smtp_security, found.mail_paused) == (
        Path("var"),
        "",
        "starttls",
        False,
    )


def test_the_team_are_addresses_with_commas_each_once() -> None:
    team = "ann@example.org, ben@example.org,ann@example.org"
    assert load_settings(team=team).team_addresses == ("ann@example.org", "ben@example.org")
    assert load_settings().team_addresses == ()


def test_every_setting_says_what_it_is_for() -> None:
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []


def test_the_environment_comes_before_living_toml_and_an_argument_before_both(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("LIVING_HOME", str(tmp_path))
    (tmp_path / "living.toml").write_text("port = 1111\ntick_seconds = 7\n")
    assert (load_settings().port, load_settings().tick_seconds) == (1111, 7)
    monkeypatch.setenv("LIVING_PORT", "2222")
    assert load_settings().port == 2222
    assert load_settings(port=3333).port == 3333


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ('prot = 80', "'prot'"),
        ('contcat = "a@example.org"', "Did you mean contact?"),
        ("port = 99999", "'port'"),
        ('port = "many"', "'port'"),
        ('smtp_security = "maybe"', "'smtp_security'"),
        ('ncbi_url = "eutils.example.org"', "must be a web address"),
        ('ctgov_url = "file:///etc/passwd"', "must be a web address"),
        ('public_url = "https://"', "must be a web address"),
        ('contact = "the team"', "plain e-mail address"),
        ('team = "ann@example.org; ben@example.org"', "plain e-mail address"),
        ('team = "ann@example.org,,"', "plain e-mail addresses"),
        ("bounces = 0", "'bounces'"),
        ('mail_from = "Team <team@example.org>"', "plain e-mail address"),
        ("tick_seconds = 0", "'tick_seconds'"),
        ("port = = 1", "not readable as TOML"),
        ("port = 1\nport = 2", "not readable as TOML"),
    ],
)  # fmt: skip
def test_a_slip_in_living_toml_is_one_line_naming_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, text: str, named: str
) -> None:
    monkeypatch.setenv("LIVING_HOME", str(tmp_path))
    (tmp_path / "living.toml").write_text(text)
    with pytest.raises(UserError) as refused:
        load_settings()
    assert named in str(refused.value)
    assert "living.toml" in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_living_toml_that_is_no_text_is_one_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LIVING_HOME", str(tmp_path))
    (tmp_path / "living.toml").write_bytes(b"contact = '\xff'")
    with pytest.raises(UserError, match="cannot be read"):
        load_settings()


def test_a_variable_that_is_almost_a_setting_is_a_typo_and_any_other_is_not_ours(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("LIVING_ROOM", "blue")
    load_settings()
    monkeypatch.setenv("LIVING_SMPT_HOST", "mail.example.org")
    with pytest.raises(UserError, match=r"LIVING_SMPT_HOST is not a setting\. Did you mean LIVING_SMTP_HOST"):
        load_settings()


def test_a_secret_is_not_in_what_a_refusal_or_a_log_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIVING_SMTP_PASSWORD", "very-secret")
    assert "very-secret" not in repr(load_settings())
    monkeypatch.setenv("LIVING_PORT", "very-secret")
    with pytest.raises(UserError) as refused:
        load_settings()
    assert "very-secret" not in str(refused.value)


def test_links_use_the_public_address_and_letters_the_contact_unless_told_otherwise() -> None:
    found = load_settings(public_url="https://reviews.example.org/", contact="team@example.org")
    assert (found.address, found.sender) == ("https://reviews.example.org", "team@example.org")
    assert load_settings(contact="a@example.org", mail_from="b@example.org").sender == "b@example.org"


def test_templates_and_topics_come_with_the_program(monkeypatch: pytest.MonkeyPatch) -> None:
    assert (shipped("db") / "topics" / "ldn-chronic-pain" / "protocol.toml").is_file()
    assert (shipped("templates") / "base.html").is_file()
    monkeypatch.setenv("NOTIFY_SOCKET", "@abstract")
    assert notify_socket() == "@abstract"
