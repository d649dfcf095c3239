import os


def make(place):
    whole = "{}"
    names = ("..etc", "=1+1", "-rf", "<script>alert(1)", "\x1b[31mred", "a\nb", "\u202egnp", "é", "x" * 100, "a..b", " lead", "::error::")
    for name in names:
        folder = place.submitted / name / "rules"
        folder.mkdir(parents=True)
        (folder / "rules.ipynb").write_text(whole)
    folder = os.fsencode(place.submitted) + b"/\xff\xfe"
    os.makedirs(folder + b"/rules")
