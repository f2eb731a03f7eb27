"""Settings: five layers, an origin for each value, and errors that name the line."""

from __future__ import annotations

import sys

import pytest

from app.errors import HomeNotWrittenError, SettingError
from app.settings import Origin, Settings, load, specs, unknown_variables, write


@pytest.fixture
def files(tmp_path):
    return tmp_path / "system.toml", tmp_path / "home" / "settings.toml"


def read(files, environment=None, command_line=None):
    system, user = files
    return load(system, user, environment or {}, command_line or {})


def laid_down(path, text):
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, "utf-8")


def test_without_any_file_all_is_default(files):
    settings = read(files)
    assert settings == Settings()
    assert {settings.origin(each.key).layer for each in specs()} == {"default"}


def test_each_layer_beats_the_ones_before_it(files):
    system, user = files
    key, seen = "appearance.theme", []
    layers = [
        lambda: laid_down(system, '[appearance]\ntheme = "dark"\n'),
        lambda: laid_down(user, '[appearance]\ntheme = "light"\n'),
    ]
    for lay_down in layers:
        lay_down()
        settings = read(files)
        seen.append((settings.value(key), settings.origin(key).layer))
    environment = {"COMMONHOLD_APPEARANCE_THEME": "system"}
    seen.append((read(files, environment).value(key), read(files, environment).origin(key).layer))
    top = read(files, environment, {key: "dark"})
    seen.append((top.value(key), top.origin(key).layer))
    assert seen == [
        ("dark", "system"),
        ("light", "user"),
        ("system", "environment"),
        ("dark", "command line"),
    ]


def test_an_origin_names_file_and_line(files):
    laid_down(files[1], "# mine\n\n[appearance]\n# big\ntext_size = 120\n")
    assert read(files).origin("appearance.text_size") == Origin("user", f"{files[1]}, line 5")


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ('[appearance]\ntheme = "blue"\n', 2, "system, light or dark"),
        ("[appearance]\n\ntext_size = 5\n", 3, "80 to 200"),
        ("[appearance]\nreduced_motion = 3\n", 2, "true or false"),
        ('[appearance]\nseed = "green"\n', 2, "#2f6f5e"),
        ('[import]\nencoding = "utf-9"\n', 2, "an encoding"),
        ('[log]\nlevel = "loud"\n', 2, "warning"),
        ('[appearance]\ntehme = "dark"\n', 2, "no setting"),
        ('appearance = "dark"\n', 1, "no setting"),
        ("[appearance.theme]\nx = 1\n", 1, "cannot be"),
    ],
)
def test_a_bad_value_names_file_line_and_what_is_right(files, text, line, says):
    laid_down(files[1], text)
    with pytest.raises(SettingError, match=says) as refused:
        read(files)
    assert refused.value.where == f"{files[1]}, line {line}"


def test_a_slip_gets_a_hint(files):
    laid_down(files[1], '[appearance]\ntehme = "dark"\n')
    with pytest.raises(SettingError) as refused:
        read(files)
    assert refused.value.hint == 'Did you mean "appearance.theme"?'


@pytest.mark.parametrize("data", [b"[appearance\n", b"\xff\xfe", b"a = 1\na = 2\n"])
def test_a_file_that_is_no_toml_is_named(files, data):
    files[1].parent.mkdir()
    files[1].write_bytes(data)
    with pytest.raises(SettingError, match=r"settings\.toml"):
        read(files)


def test_a_bad_variable_is_named(files):
    with pytest.raises(SettingError, match="COMMONHOLD_LOG_LEVEL"):
        read(files, {"COMMONHOLD_LOG_LEVEL": "loud"})


def test_variables_that_mean_nothing_are_told_from_those_that_do():
    environment = {
        "COMMONHOLD_HOME": "/x",
        "COMMONHOLD_PASSPHRASE": "x",
        "COMMONHOLD_LOG_LEVEL": "info",
        "COMMONHOLD_LOG_LEVLE": "info",
        "HOME": "/",
    }
    assert unknown_variables(environment) == ("COMMONHOLD_LOG_LEVLE",)


def test_setting_one_value_keeps_comments_and_everything_else(files):
    text = '# mine\n[appearance]\ntheme = "dark" # at night\n\n[log]\nlevel = "debug"\n'
    laid_down(files[1], text)
    write(files[1], "appearance.theme", "light")
    assert files[1].read_text("utf-8") == text.replace('"dark"', '"light"')


def test_a_value_is_set_where_there_was_no_file(files):
    assert write(files[1], "appearance.reduced_motion", "yes") is True
    assert read(files).appearance.reduced_motion is True


def test_a_bad_value_is_not_written(files):
    with pytest.raises(SettingError):
        write(files[1], "appearance.text_size", "huge")
    with pytest.raises(SettingError):
        write(files[1], "appearance.size", "100")
    assert not files[1].exists()


def test_a_broken_file_is_not_written_over(files):
    laid_down(files[1], "[appearance\n")
    with pytest.raises(SettingError, match="cannot be read"):
        write(files[1], "appearance.theme", "dark")
    assert files[1].read_text("utf-8") == "[appearance\n"


def test_a_place_that_cannot_be_written_is_said_in_words(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(HomeNotWrittenError):
        write(tmp_path / "file" / "settings.toml", "appearance.theme", "dark")


@pytest.mark.skipif(sys.platform == "win32", reason="links by right only")
def test_a_file_behind_a_link_is_changed_and_the_link_stays(tmp_path):
    (tmp_path / "mine.toml").write_text("# mine\n")
    link = tmp_path / "settings.toml"
    link.symlink_to("mine.toml")
    write(link, "log.level", "debug")
    assert link.is_symlink()
    assert (tmp_path / "mine.toml").read_text().startswith("# mine\n")
    assert "debug" in (tmp_path / "mine.toml").read_text()
