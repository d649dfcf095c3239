"""Values survive the wire bit by bit; bytes that are not the protocol are refused, whatever they are."""

import json
import math
import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as nps

from autograder.boundary.frames import FROM_THE_BOX, INTO_THE_BOX, PREFIX, Assembler, Caps, MalformedError
from autograder.boundary.job import NamedFunction, Opaque
from autograder.boundary.wire import Packed, Reader, UnwritableError, Writer
from tests.rows import for_each


def there(value, *, inward=False, caps=FROM_THE_BOX):
    """What arrives of a value on the other side."""
    writer = Writer(layout=inward)
    data = writer.frame(writer.value(value))
    (frame,) = Assembler(INTO_THE_BOX if inward else caps).feed(data)
    return Reader(frame, caps, inward=inward).value(frame.message)


def frame_of(header: bytes, body: bytes = b"") -> bytes:
    return PREFIX.pack(b"AGF1", len(header), len(body)) + header + body


def read_all(data: bytes):
    for frame in Assembler(FROM_THE_BOX).feed(data):
        Reader(frame, FROM_THE_BOX, inward=False).value(frame.message)


texts = st.text(st.characters(exclude_categories=("Cs",)), max_size=20)
plain = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | texts
nested = st.recursive(
    plain,
    lambda inner: st.lists(inner) | st.lists(inner).map(tuple) | st.dictionaries(texts, inner),
    max_leaves=20,
)
arrays = nps.arrays(
    st.sampled_from([np.float64, np.float32, np.int64, np.int8, np.uint16, np.bool_]),
    nps.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4),
)


@settings(deadline=None)
@given(nested)
def test_data_arrives_as_it_was_sent(value):
    assert there(value) == value


@settings(deadline=None)
@given(arrays)
def test_an_array_arrives_with_its_dtype_its_shape_and_every_bit(array):
    arrived = there(array)

    assert (arrived.dtype, arrived.shape, arrived.tobytes()) == (array.dtype, array.shape, array.tobytes())


@pytest.mark.parametrize("pattern", [0x7FF8000000000001, 0xFFF8000000000000, 0x8000000000000000, 0x0000000000000001])
def test_every_bit_of_a_float_survives(pattern):
    value = struct.unpack("<d", struct.pack("<Q", pattern))[0]

    arrived, *_ = there([value]), there([value] * 5)

    assert struct.pack("<d", arrived[0]) == struct.pack("<Q", pattern)


@pytest.mark.parametrize("kind", [list, tuple])
def test_a_long_list_of_floats_stays_what_it_is(kind):
    value = kind([0.1, math.inf, -0.0, 1e-320, 3.0])

    assert there(value) == value
    assert type(there(value)) is kind


@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.int8, np.bool_])
def test_packed_scalars_arrive_as_arrays_without_axes(dtype):
    arrived = there(Packed("tl", False, np.array([[0, 1], [1, 0]], dtype)))

    assert [type(arrived), *map(type, arrived)] == [tuple, list, list]
    leaves = [one for row in arrived for one in row]
    assert [(one.dtype, one.shape, one.item()) for one in leaves] == [(dtype, (), value) for value in (0, 1, 1, 0)]


@pytest.mark.parametrize("kinds", ["ltl", "ttt", "lll"])
def test_packed_floats_arrive_in_the_same_lists_and_tuples(kinds):
    arrived = there(Packed(kinds, True, np.arange(24.0).reshape(2, 3, 4)))

    assert np.array_equal(np.array(arrived), np.arange(24.0).reshape(2, 3, 4))
    assert [type(arrived), type(arrived[0]), type(arrived[1][2])] == [{"l": list, "t": tuple}[kind] for kind in kinds]
    assert type(arrived[1][2][3]) is float


def test_numbers_keep_their_type():
    assert [type(item) for item in there([True, 1, 1.0])] == [bool, int, float]


def test_a_huge_integer_arrives_whole():
    assert there(-(7**5000)) == -(7**5000)


def test_an_integer_without_end_is_not_sent():
    with pytest.raises(UnwritableError, match="too many digits"):
        there(1 << 100_000)


base = np.arange(120.0).reshape(4, 5, 6)
LAYOUTS = {
    "every other column": base[:, ::2],
    "reversed": base[::-1, :, ::-2],
    "transposed": base.transpose(2, 0, 1),
    "fortran": np.asfortranarray(base[0]),
    "one column": base[:, :1, 2],
    "broadcast": np.broadcast_to(np.arange(3.0), (2, 3)),
    "0-d": base[1, 1, 1:2].reshape(()),
    "empty": base[:0, ::2],
    "size one, reversed": base[:1, :1, :1][::-1],
}


@for_each("name", LAYOUTS)
def test_inwards_the_layout_of_an_array_survives(name):
    array = LAYOUTS[name]

    arrived = there(array, inward=True)

    kept = [s for s, n in zip(array.strides, array.shape, strict=True) if n > 1 and array.size]
    assert np.array_equal(arrived, array)
    assert [s for s, n in zip(arrived.strides, array.shape, strict=True) if n > 1 and array.size] == kept


@for_each("name", LAYOUTS)
def test_inwards_an_array_can_be_written_to(name):
    assert there(LAYOUTS[name], inward=True).flags.writeable


def test_the_gaps_of_a_strided_array_do_not_cross():
    whole = np.full(10, 42.0)
    writer = Writer(layout=True)

    data = writer.frame(writer.value(whole[::3]))

    assert data.count(struct.pack("<d", 42.0)) == 4


def test_a_big_endian_array_arrives_as_the_same_numbers():
    assert np.array_equal(there(np.arange(3.0).astype(">f8")), np.arange(3.0))


def test_a_function_goes_in_and_an_opaque_value_comes_out():
    function = NamedFunction("sin", {"scale": 2.0, "W": [1, 2]})

    assert there(function, inward=True) == function
    assert there(Opaque("generator")) == Opaque("generator")


@pytest.mark.parametrize("value", [NamedFunction("sin"), base[:, ::2]])
def test_what_may_only_go_in_cannot_come_out(value):
    writer = Writer(layout=True)
    data = writer.frame(writer.value(value))

    with pytest.raises(MalformedError, match="from the box"):
        read_all(data)


@pytest.mark.parametrize("value", [1j, {1: 2}, object(), np.array([1j]), np.array(["a"]), b"bytes", {1, 2}])
def test_what_is_no_data_is_not_sent(value):
    with pytest.raises(UnwritableError):
        there(value)


def test_what_is_nested_without_end_is_not_sent():
    endless = []
    endless.append(endless)

    with pytest.raises(UnwritableError, match="deep"):
        there(endless)


def test_a_lone_surrogate_is_replaced():
    assert there("a\ud800b") == "a?b"


def test_a_byte_that_is_no_boolean_becomes_one():
    data = frame_of(b'{"m":["a","bool",[2],0],"b":[2]}', b"\x00\x07")
    (frame,) = Assembler(FROM_THE_BOX).feed(data)

    arrived = Reader(frame, FROM_THE_BOX, inward=False).value(frame.message)

    assert arrived.tobytes() == b"\x00\x01"


HOSTILE_HEADERS = {
    "not JSON": b"{",
    "no object": b"[]",
    "no buffers": b'{"m":1}',
    "unknown key": b'{"m":null,"b":[],"x":1}',
    "a float": b'{"m":1.5,"b":[]}',
    "NaN": b'{"m":NaN,"b":[]}',
    "an integer": b'{"m":7,"b":[]}',
    "a huge integer": b'{"m":null,"b":[' + b"9" * 5000 + b"]}",
    "an object": b'{"m":{"__class__":"x"},"b":[]}',
    "unknown tag": b'{"m":["pickle","x"],"b":[]}',
    "tag of a wrong length": b'{"m":["i"],"b":[]}',
    "tag that is no text": b'{"m":[1,2],"b":[]}',
    "nested without end": b'{"m":' + b"[" * 100_000,
    "deep and whole": b'{"m":' + b'["l",[' * 60 + b"]]" * 60 + b',"b":[]}',
    "negative buffer": b'{"m":null,"b":[-1]}',
    "true as a length": b'{"m":null,"b":[true]}',
    "buffer beyond the body": b'{"m":null,"b":[1]}',
    "buffer that is not there": b'{"m":["F","l",0],"b":[]}',
    "integer that is none": b'{"m":["i","zz"],"b":[]}',
    "long integer": b'{"m":["i","0x' + b"f" * 9000 + b'"],"b":[]}',
    "float of a wrong length": b'{"m":["f","00"],"b":[]}',
    "float that is none": b'{"m":["f","zzzzzzzzzzzzzzzz"],"b":[]}',
    "object array": b'{"m":["a","object",[1],0],"b":[0]}',
    "complex array": b'{"m":["a","complex128",[0],0],"b":[0]}',
    "array of terabytes": b'{"m":["a","float64",[1099511627776],0],"b":[0]}',
    "negative length": b'{"m":["a","float64",[-1],0],"b":[0]}',
    "too many axes": b'{"m":["a","float64",[' + b",".join([b"0"] * 65) + b'],0],"b":[0]}',
    "empty array, huge axes": b'{"m":["a","float64",[0,281474976710656,281474976710656],0],"b":[0]}',
    "packed, without a dtype": b'{"m":["P","l",8,[1],0],"b":[0]}',
    "packed objects": b'{"m":["P","l","object",[1],0],"b":[0]}',
    "packed without kinds": b'{"m":["P","",null,[],0],"b":[0]}',
    "packed, one kind short": b'{"m":["P","l",null,[1,1],0],"b":[0]}',
    "packed in sets": b'{"m":["P","s",null,[1],0],"b":[0]}',
    "packed, nothing within nothing": b'{"m":["P","ll",null,[281474976710656,0],0],"b":[0]}',
    "same key twice": b'{"m":["d",[["a",null],["a",null]]],"b":[]}',
    "key that is no text": b'{"m":["d",[[["i","0x1"],null]]],"b":[]}',
    "not ASCII": '{"m":"é","b":[]}'.encode(),
    "UTF-16": '{"m":null,"b":[]}'.encode("utf-16"),
}


@for_each("name", HOSTILE_HEADERS)
def test_a_hostile_header_is_refused(name):
    with pytest.raises(MalformedError):
        read_all(frame_of(HOSTILE_HEADERS[name]))


@pytest.mark.parametrize(
    "prefix",
    [
        PREFIX.pack(b"AGF1", 2**31, 0),
        PREFIX.pack(b"AGF1", 10, 2**31),
        PREFIX.pack(b"AGF1", 10, 2**64 - 1),
        PREFIX.pack(b"PK\x03\x04", 1, 1),
    ],
)
def test_a_lying_length_is_refused_before_anything_is_kept_for_it(prefix):
    with pytest.raises(MalformedError):
        list(Assembler(FROM_THE_BOX).feed(prefix))


@pytest.mark.parametrize("tag", [b'["F","l",0]', b'["P","l",null,[1],0]'], ids=["floats", "packed"])
def test_packed_values_of_a_wrong_length_are_refused(tag):
    with pytest.raises(MalformedError, match="wrong length"):
        read_all(frame_of(b'{"m":' + tag + b',"b":[7]}', b"1234567"))


def test_a_body_that_the_buffers_do_not_fill_is_refused():
    with pytest.raises(MalformedError, match="fill"):
        read_all(frame_of(b'{"m":null,"b":[1]}', b"ab"))


def test_more_values_than_the_cap_are_refused():
    with pytest.raises(MalformedError, match="too many values"):
        there(list(range(100)), caps=Caps(10_000, 10_000, 50))


def test_a_frame_arrives_in_any_pieces():
    writer = Writer()
    data = writer.frame(writer.value([np.arange(3.0), "x"])) * 2
    assembler = Assembler(FROM_THE_BOX)

    frames = [frame for byte in data for frame in assembler.feed(bytes([byte]))]

    assert len(frames) == 2


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_random_bytes_are_refused_or_awaited(data):
    try:
        read_all(data)
        read_all(frame_of(data))
    except MalformedError:
        return


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_a_frame_with_a_byte_changed_is_refused_or_read(data):
    writer = Writer()
    whole = bytearray(writer.frame(writer.value({"a": [1, 2.5, np.arange(3), [1.0] * 5, ("x", None)]})))
    place = data.draw(st.integers(0, len(whole) - 1))
    whole[place] = data.draw(st.integers(0, 255))

    try:
        read_all(bytes(whole))
    except MalformedError:
        return


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.sampled_from("iftlFdasno"),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=20,
)


@settings(max_examples=300, deadline=None)
@given(json_values, st.lists(st.integers(0, 20), max_size=3))
def test_any_json_is_refused_or_read(message, lengths):
    header = json.dumps({"m": message, "b": lengths}).encode("ascii")

    try:
        read_all(frame_of(header, bytes(sum(lengths))))
    except MalformedError:
        return
