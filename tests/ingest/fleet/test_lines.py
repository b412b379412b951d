"""Every mistake has a line: the index has to find it whatever TOML allows."""

from ingest.fleet.lines import line_index

TEXT = '''\
# a comment = "no statement"
title = "x"

[owner]   # [not a header]
"quoted.key" = 1
a.b = 2
[[pool]]
name = "one"
nodes = [
  "n-1",  # ]
  "n-2",
]
[[pool]]
name = """
[[pool]]
name = 'inside of a text'
"""
weights = { "x.y" = "1" }
[[pool.price]]
rate = 1
[[pool.price]]
rate = 2
["odd \\" name"]
k = 1
'''


def test_tables_and_keys_stand_where_they_are_written() -> None:
    assert line_index(TEXT) == {
        ("title",): 2,
        ("owner",): 4,
        ("owner", "quoted.key"): 5,
        ("owner", "a"): 6,
        ("owner", "a", "b"): 6,
        ("pool",): 7,
        ("pool", 0): 7,
        ("pool", 0, "name"): 8,
        ("pool", 0, "nodes"): 9,
        ("pool", 1): 13,
        ("pool", 1, "name"): 14,
        ("pool", 1, "weights"): 18,
        ("pool", 1, "price"): 19,
        ("pool", 1, "price", 0): 19,
        ("pool", 1, "price", 0, "rate"): 20,
        ("pool", 1, "price", 1): 21,
        ("pool", 1, "price", 1, "rate"): 22,
        ('odd " name',): 23,
        ('odd " name', "k"): 24,
    }


def test_windows_line_ends_and_odd_separators_do_not_shift_lines() -> None:
    text = 'a = "x\u2028y"\r\nb = 1\r\n'
    assert line_index(text) == {("a",): 1, ("b",): 2}
