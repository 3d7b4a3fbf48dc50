from __future__ import annotations

from whimbrel.securing import sources

IMAGE = """\
deb http://deb.debian.org/debian trixie main non-free-firmware
deb http://deb.debian.org/debian trixie-updates main non-free-firmware
deb http://deb.debian.org/debian-security trixie-security main non-free-firmware
"""
DEBIAN = """\
# As Debian's installer writes it.
Types: deb deb-src
URIs: http://deb.debian.org/debian
Suites: trixie trixie-updates
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Types: deb
URIs: http://security.debian.org/debian-security
Suites: trixie-security
Components: main
Signed-By:
 -----BEGIN PGP PUBLIC KEY BLOCK-----
 .
 mQINBF
"""


def test_of_the_image_s_own_lines_the_one_of_security_updates_stays() -> None:
    assert sources.of_lines(IMAGE) == IMAGE.splitlines(keepends=True)[2]


def test_options_and_comments_are_understood() -> None:
    line = "deb [arch=armhf signed-by=/a/key.gpg] https://x.example/s bookworm-security main"
    assert (
        sources.of_lines(f"  {line}   # ours\n#{line}\ndeb-src https://x.example/s bookworm-security main\n")
        == f"{line}\n"
    )
    assert sources.of_lines("nonsense\ndeb\n") == ""


def test_stanzas_of_others_go_and_keys_stay() -> None:
    found = sources.of_stanzas(DEBIAN)
    assert "debian.org/debian\n" not in found
    assert "Suites: trixie-security\n" in found
    assert found.endswith("Signed-By:\n -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n mQINBF\n")


def test_of_one_that_names_both_the_suite_of_security_updates_stays() -> None:
    both = "Types: deb\nURIs: http://x/\nSuites: trixie trixie-security\nComponents: main\n"
    assert "Suites: trixie-security\n" in sources.of_stanzas(both)
    assert sources.of_stanzas(f"Enabled: no\n{both}") == ""
    assert sources.of_stanzas(both.replace("deb", "deb-src")) == ""
