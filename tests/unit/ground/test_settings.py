# SPDX-License-Identifier: Apache-2.0
"""Settings: complete, explained, checked in plain words, and closed."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from pydantic import BaseModel, ValidationError

from kiosk import settings as settings_module
from kiosk.errors import ConfigurationError, FailureCode
from kiosk.settings import DEFAULT_FILE, DEMO_FILE, Settings, as_toml, changed, lacking, load


def _keys(model: type[BaseModel], prefix: str = "") -> set[str]:
    keys: set[str] = set()
    for name, field in model.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            keys |= _keys(field.annotation, f"{prefix}{name}.")
        else:
            keys.add(prefix + name)
    return keys


def _written(file: Path) -> set[str]:
    """Every `section.key` of a file that stands directly below a comment."""
    section, above, keys = "", "", set()
    for line in file.read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            section = line.strip("[]")
        elif " = " in line and not line.startswith("#") and above.startswith("#"):
            keys.add(f"{section}.{line.split(' = ')[0]}")
        above = line
    return keys


def _refusal(tmp_path: Path, text: str) -> str:
    file = tmp_path / "clinic.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError) as caught:
        load(file)
    assert caught.value.code is FailureCode.CONFIG_INVALID
    return caught.value.detail


def test_default_file_explains_every_key() -> None:
    assert _written(DEFAULT_FILE) == _keys(Settings)


def test_default_file_equals_the_defaults() -> None:
    assert load() == Settings()


def test_demo_file_says_only_what_differs() -> None:
    assert set(changed(load(demo=True))) == set(_flat(tomllib.loads(DEMO_FILE.read_text(encoding="utf-8"))))


def _flat(table: dict[str, object], prefix: str = "") -> list[str]:
    found: list[str] = []
    for key, value in table.items():
        found += _flat(value, f"{prefix}{key}.") if isinstance(value, dict) else [prefix + key]
    return found


def test_demo_is_simulated_and_lacks_nothing() -> None:
    demo = load(demo=True)
    assert demo.is_simulated()
    assert lacking(demo) == []


def test_default_is_not_simulated_and_says_what_it_lacks() -> None:
    assert not load().is_simulated()
    needs = " ".join(lacking(load()))
    assert all(key in needs for key in ("institution_code", "url", "user_ca_files"))


def test_clinic_file_goes_over_the_demo_and_leaves_the_rest(tmp_path: Path) -> None:
    file = tmp_path / "clinic.toml"
    file.write_text('[kiosk]\nletter = "C"\n', encoding="utf-8")
    both = load(file, demo=True)
    assert both.kiosk.letter == "C"
    assert both.kiosk.institution_code == "0000000000"
    assert both.flow == Settings().flow


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[flow]\nidle = 3\n", "[flow] idle is not a setting. Is idle_s meant?"),
        ("[nonsense]\na = 1\n", "[nonsense] is not a setting."),
        (
            "[handover.face_file]\nfolders = 'x'\n",
            "[handover.face_file] folders is not a setting. Is folder meant?",
        ),
        (
            "[face]\nfalse_match_rate = 0.01\n",
            "[face] false_match_rate should be less than or equal to 0.00333. Allowed: 0.0001 to 0.00333.",
        ),
        ("[flow]\nanswer_wait_s = 0\n", "Allowed: 1 to 60."),
        ("[flow]\nidle_s = -5\n", "Allowed: 10 to 600."),
        ("[flow]\nidle_s = nan\n", "[flow] idle_s should be a finite number. Allowed: 10 to 600."),
        ("[flow]\nidle_s = inf\n", "Allowed: 10 to 600."),
        ("[flow]\nidle_s = 'soon'\n", "Allowed: 10 to 600."),
        ("[flow]\nresult_s = 3\n", "Allowed: 8 to 120."),
        ("[flow]\nlimit_step = 'perhaps'\n", "[flow] limit_step should be 'ask', 'inform' or 'off'."),
        ("[kiosk]\nletter = 'ab'\n", "[kiosk] letter is written wrongly. Allowed: one capital letter."),
        ("[upstream]\nurl = 'https://me:pw@x/'\n", "without a password in it"),
        ("kiosk = 3\n", "[kiosk] is a table of settings, not a value."),
        ("[handover.face_file]\nenabled = true\n", "needs a folder"),
        ("[consent]\nitems = ['checkup', 'checkup']\n", "names one item twice"),
        ("[trust]\nallow_test = true\n", "goes with a simulated upstream only"),
        ("[outbox]\nfirst_retry_s = 50\nlongest_retry_s = 10\n", "longer than"),
        ("[upstream]\nclient_key_file = 'k.pem'\n", "go together"),
        ("[flow\n", "is not TOML"),
    ],
)
def test_wrong_value_is_named_with_what_is_allowed(tmp_path: Path, text: str, said: str) -> None:
    assert said in _refusal(tmp_path, text)


def test_everything_wrong_is_named_at_once(tmp_path: Path) -> None:
    detail = _refusal(tmp_path, "[face]\ntries = 9\n[camera]\nfps = 0\n")
    assert "[face] tries" in detail
    assert "[camera] fps" in detail


def test_missing_file_is_said_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load(tmp_path / "none.toml")
    assert caught.value.code is FailureCode.CONFIG_MISSING


def test_file_that_is_not_text_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "clinic.toml"
    file.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigurationError, match="not UTF-8"):
        load(file)


def test_kiosk_without_the_shipped_files_has_the_same_defaults(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings_module, "DEFAULT_FILE", tmp_path / "default.toml")
    assert load() == Settings()


def test_environment_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FACE", '{"false_match_rate": 0.003}')
    monkeypatch.setenv("KIOSK__LETTER", "Z")
    assert load() == Settings()


def test_settings_do_not_change_while_running() -> None:
    settings = load()
    with pytest.raises(ValidationError):
        settings.face.false_match_rate = 0.003  # type: ignore[misc]
    with pytest.raises(ValidationError):
        settings.face = settings.face  # type: ignore[misc]


def test_shown_settings_are_a_file_without_secrets(tmp_path: Path) -> None:
    file = tmp_path / "clinic.toml"
    file.write_text("[upstream]\nclient_key_password = 'MARKER'\n", encoding="utf-8")
    settings = load(file)
    shown = as_toml(settings)
    assert "MARKER" not in shown + repr(settings) + str(changed(settings))
    assert set(_flat(tomllib.loads(shown))) == _keys(Settings)
    assert "upstream.client_key_password" in changed(settings)


def test_refusal_does_not_repeat_what_was_written(tmp_path: Path) -> None:
    assert "MARKER" not in _refusal(tmp_path, "[upstream]\nclient_key_password = ['MARKER']\n")


def test_folders_follow_the_users_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "s"))
    monkeypatch.setenv("XDG_DATA_HOME", "relative")
    monkeypatch.setenv("XDG_CACHE_HOME", "")
    monkeypatch.setenv("HOME", str(tmp_path / "h"))
    paths = load().paths
    assert paths.state_folder() == tmp_path / "s" / "uketsuke"
    assert paths.data_folder() == tmp_path / "h" / ".local/share" / "uketsuke"
    assert paths.cache_folder() == tmp_path / "h" / ".cache" / "uketsuke"


def test_configured_folder_is_taken_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "clinic.toml"
    file.write_text(f'[paths]\nstate = "{tmp_path}/elsewhere"\n', encoding="utf-8")
    assert load(file).paths.state_folder() == tmp_path / "elsewhere"


def test_revocation_is_off_and_a_list_needs_its_source(tmp_path: Path) -> None:
    assert load().trust.revocation.mode == "off"
    assert "crl_source" in _refusal(tmp_path, '[trust.revocation]\nmode = "crl"\n')
    for source in ("lists/new.crl", "ftp://example.invalid/crl", "http://user@example.invalid/"):
        assert "crl_source" in _refusal(tmp_path, f'[trust.revocation]\ncrl_source = "{source}"\n')
    good = tmp_path / "good.toml"
    for source in ("/var/lib/crl/all.pem", "http://example.invalid/crl"):
        good.write_text(f'[trust.revocation]\nmode = "crl"\ncrl_source = "{source}"\n')
        assert load(good).trust.revocation.crl_source == source
