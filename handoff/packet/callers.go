package packet

import (
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"frontdesk/triage/text"
)

// whole takes a message that is nothing but a name: two or three words with a
// capital, or one to four of any kind where a name was asked for.
func (x *reading) whole(s *said) {
	body := strings.TrimRight(strings.TrimSpace(s.body), ".!")
	if body == "" || len(body) > 60 || strings.ContainsFunc(body, func(r rune) bool { return !inName(r) && r != ' ' && r != '.' && r != '・' && r != '　' }) {
		return
	}
	from := strings.Index(s.body, body)
	n := len(strings.Fields(body))
	if !s.nameLike(from, from+len(body)) || s.sold(x, from, from+len(body)) {
		return
	}
	if a, b := capitalised(s.body, from, 4); a == from && b == from+len(body) && n >= 2 && !x.ordinaryIn(s, body) {
		x.take(s, Name, a, b, 4)
		return
	}
	if n <= 4 && x.askedName(s) && !x.ordinaryIn(s, body) {
		x.take(s, Name, from, from+len(body), 4)
	}
}

// ending takes the name that a message ends in, as a sentence of its own: "Can
// somebody ring me? Deirdre".
func (x *reading) ending(s *said) {
	m := closing().FindStringSubmatchIndex(s.body)
	if m == nil {
		return
	}
	from, to := m[2], m[3]
	a, b := capitalised(s.body, from, 3)
	words := strings.Fields(s.body[from:to])
	if a != from || b != to || !s.nameLike(from, to) || s.sold(x, from, to) || x.ordinaryIn(s, s.body[from:to]) || len(s.body[from:to]) < 3 {
		return
	}
	if s.lang == x.m.book.langs["de"] && len(words) < 2 && !given(words[0]) {
		return // every noun has a capital
	}
	x.take(s, Name, from, to, 3)
}

var closing = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`[.!?…)] +(\p{Lu}[\pL'’-]+(?: (?:\p{Lu}[\pL'’-]+|\p{Lu}\.)){0,2})[.!]?\s*$`)
})

// accounts takes names behind short forms that are no words: "t.n.v. J. van
// Oosterzee", "z. Hd. Maria Vogt", "c/o".
func (x *reading) accounts(s *said) {
	for _, m := range accountForms().FindAllStringIndex(s.body, 5) {
		if from, to := capitalised(s.body, m[1], 3); to > from && s.nameLike(from, to) {
			x.take(s, Name, from, to, 5)
		}
	}
	for _, m := range arabicTitles().FindAllStringSubmatchIndex(s.body, 5) {
		x.take(s, Name, m[2], m[3], 4)
	}
}

var (
	accountForms = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`(?i)(?:^|[^\pL])(?:t\.? ?n\.? ?v\.?|t\.? ?a\.? ?v\.?|z\. ?hd\.?|z\. ?h\.|c/o|attn\.?|f\.a\.o\.?|att\.|à l'att\.? de|i\. ?a\.|p\.p\.)[ :]`)
	})
	arabicTitles = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`(?:^| )((?:السيد|السيدة|الأستاذ|الأستاذة|الآنسة|الدكتور|الدكتورة) \p{Arabic}+(?: \p{Arabic}+)?)`)
	})
)

// askedName says whether the customer was asked last for a name.
func (x *reading) askedName(s *said) bool {
	at := slices.Index(x.t.messages, s)
	for at--; at >= 0; at-- {
		p := x.t.messages[at]
		if p.Author == "customer" {
			continue
		}
		return asks(p.body) && slices.ContainsFunc(p.words, func(w text.Word) bool {
			switch w.Form {
			case "name", "names", "who", "wer", "wen", "namen", "nom", "qui", "nombre", "quien", "nome", "chi", "quem", "naam", "wie", "imie", "nazwisko", "kto", "ad", "adi", "isim", "adiniz", "kim", "اسم", "الاسم", "اسمك", "名前", "名字", "姓名":
				return true
			default:
				return false
			}
		})
	}
	return false
}

// ordinaryIn says whether one of some words is one that names hardly have: a
// word of the shop's articles, of a firm, one that begins sentences.
func (x *reading) ordinaryIn(s *said, words string) bool {
	for w := range strings.FieldsSeq(words) {
		w = strings.Trim(w, ".,'’")
		small := strings.ToLower(w)
		if given(w) {
			continue
		}
		if public(w) || standsAlone(small) || x.in.Catalogue != nil && x.in.Catalogue.terms[small] {
			return true
		}
		if forms := text.Folded(w); len(forms) == 1 && (s.lang.classes[forms[0].Form] != "" || s.lang.single[forms[0].Form] != 0) {
			return true
		}
	}
	return false
}

// standsAlone says whether a word is one that messages end in, or that stands alone,
// with a capital.
func standsAlone(w string) bool {
	switch w {
	case "again", "please", "thanks", "help", "urgent", "asap", "still", "nothing", "never", "why", "when", "what", "how", "where", "really", "seriously", "anyone", "anybody", "somebody", "someone", "today", "now", "refund", "cancel", "cancelled", "not", "black", "white", "red", "green", "blue", "silver", "cream", "grey", "yes", "done", "same", "nope", "waiting", "disappointed", "ridiculous", "unbelievable", "unacceptable", "appalling", "disgusting", "brilliant", "perfect", "lovely", "super", "great", "good", "bad", "soon", "regards", "best", "human", "person", "agent", "operator", "delivered", "undelivered", "delivery", "status", "packing", "shipped", "dispatched", "pending", "this", "that", "these", "those", "sorry", "correct", "exactly", "indeed", "hello", "hi", "it", "so", "and", "or", "either", "neither", "both", "ta", "cheers", "frustrated", "angry", "upset", "confused",
		"neue", "neuer", "neues", "alte", "alter", "altes", "anschrift", "adresse", "lieferung", "vielen", "nächste", "letzte", "évidemment", "effectivement", "exactement", "justement", "génial", "danke", "bitte", "hilfe", "dringend", "schade", "nichts", "immer", "wieder", "warum", "schwarz", "weiß", "rot", "grün", "blau", "mensch", "mitarbeiter", "schnell", "eilig", "rückruf", "erstattung", "umtausch", "garantie", "keine", "kein", "ja", "nein", "unverschämt", "ärgerlich", "toll", "echt", "wirklich", "stimmt", "genau", "richtig", "falsch", "leider", "endlich", "fehlanzeige", "quatsch", "unfassbar", "versprochen",
		"merci", "urgence", "rien", "toujours", "pourquoi", "noir", "blanc", "rouge", "vert", "bleu", "gris", "humain", "vite", "inadmissible", "honteux", "bravo", "parfait", "voilà", "dommage", "impossible", "remboursement", "bonjour", "bonsoir", "oui", "non", "encore", "aucun", "aucune", "svp",
		"gracias", "urgente", "nada", "siempre", "porqué", "negro", "blanco", "rojo", "verde", "azul", "persona", "increíble", "perfecto", "vale", "bueno", "hola", "sí", "ayuda", "nunca", "imposible", "vergonzoso", "lamentable", "reembolso",
		"grazie", "niente", "ancora", "perché", "nero", "bianco", "rosso", "assurdo", "perfetto", "bene", "basta", "ciao", "aiuto", "mai", "vergogna", "rimborso",
		"obrigado", "obrigada", "preto", "branco", "vermelho", "ajuda", "pessoa", "perfeito", "olá", "vergonha", "sempre",
		"bedankt", "niets", "zwart", "wit", "rood", "mens", "jammer", "hallo", "altijd", "nooit", "belachelijk", "prima", "graag", "spoed",
		"dziękuję", "nic", "pilne", "czarny", "biały", "czerwony", "człowiek", "pomocy", "niestety", "zawsze", "nigdy", "dobrze", "skandal", "zwrot",
		"teşekkürler", "acil", "siyah", "beyaz", "kırmızı", "yardım", "lütfen", "neden", "rezalet", "tamam", "evet", "hayır", "maalesef", "yazık", "iade":
		return true
	default:
		return false
	}
}

// first takes names that begin with a frequent given name: "gekauft hat Irmgard
// Lohse".
func (x *reading) first(s *said) {
	for i, w := range s.words {
		raw := s.body[w.From:w.To]
		if !capital(raw) || !given(raw) {
			continue
		}
		from, to := capitalised(s.body, w.From, 3)
		if from != w.From || len(strings.Fields(s.body[from:to])) < 2 || !s.nameLike(from, to) || s.sold(x, from, to) {
			continue
		}
		if i > 0 && s.hasAt(relation, i-1) && s.others(w.From) {
			continue
		}
		x.take(s, Name, from, to, 3)
	}
	// In small letters, where commas or ends part the name from other particulars.
	for _, p := range partsOf(s.body) {
		part := s.body[p.From:p.To]
		words := strings.Fields(part)
		if len(words) < 2 || len(words) > 3 || capital(part) || !given(words[0]) || strings.ContainsFunc(part, func(r rune) bool { return !inName(r) && r != ' ' }) {
			continue
		}
		if s.nameLike(p.From, p.To) && !x.ordinaryIn(s, part) && !s.sold(x, p.From, p.To) {
			x.take(s, Name, p.From, p.To, 3)
		}
	}
}

// hasAt says whether a phrase of a group ends with a word.
func (s *said) hasAt(g group, word int) bool {
	return slices.ContainsFunc(s.hits[g], func(h hit) bool { return h.last == word })
}

// partsOf are the parts of a text that commas and ends of sentences and lines
// part, without the blanks around them.
func partsOf(body string) []text.Span {
	var out []text.Span
	from := 0
	for i := 0; i <= len(body); {
		r, size := utf8.DecodeRuneInString(body[i:])
		if i < len(body) && !strings.ContainsRune(",;:!?\n.、。，；：！？،؛", r) {
			i += size
			continue
		}
		part := strings.TrimSpace(body[from:i])
		if part != "" {
			at := from + strings.Index(body[from:i], part)
			out = append(out, text.Span{From: at, To: at + len(part)})
		}
		if i == len(body) || len(out) > 400 {
			break
		}
		i += size
		from = i
	}
	return out
}

// eastern takes names of Arabic, Chinese and Japanese that stand alone between
// signs, beside other particulars or after who it is.
func (x *reading) eastern(s *said) {
	for _, p := range partsOf(s.body) {
		part := s.body[p.From:p.To]
		if !s.nameLike(p.From, p.To) || s.sold(x, p.From, p.To) || len(part) > 48 {
			continue
		}
		switch {
		case chineseAlone().MatchString(part) && s.lang == x.m.book.langs["zh"] && !usual(part):
			if x.particulars() || len(s.words) <= 4 {
				x.take(s, Name, p.From, p.To, 3)
			}
		case japaneseAlone().MatchString(part):
			x.take(s, Name, p.From, p.To, 3)
		case arabicAlone().MatchString(part) && x.particulars() && !s.anyHit(p.From, p.To):
			x.take(s, Name, p.From, p.To, 2)
		}
	}
}

// particulars says whether the message gives something that a name stands
// beside.
func (x *reading) particulars() bool {
	return slices.ContainsFunc(x.found, func(c candidate) bool {
		return c.label == OrderNumber || c.label == Phone || c.label == Email || c.label == Address
	})
}

// anyHit says whether a phrase of any kind that tells of things lies in a part.
func (s *said) anyHit(from, to int) bool {
	for g := range groups {
		if g == nameCue || g == title || g == filler {
			continue
		}
		if slices.ContainsFunc(s.hits[g], func(h hit) bool { return h.from < to && h.to > from }) {
			return true
		}
	}
	return false
}

var (
	chineseAlone = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`^(?:(?:欧阳|司马|上官|诸葛|夏侯|皇甫|尉迟|公孙)\p{Han}{1,2}|[王李张刘陈杨黄赵吴周徐孙朱胡郭何林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘蒋蔡余杜叶程苏魏吕丁沈姚卢姜崔钟谭陆汪范石廖贾韦邹孟熊秦邱尹薛闫段雷侯史陶黎贺顾毛郝龚邵钱严覃戴莫孔汤施洪翁柯佘岑]\p{Han}{1,2})$`)
	})
	japaneseAlone = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`^\p{Han}{1,3}[ 　](?:\p{Han}{1,3}|[ぁ-ん]{2,4}|[ァ-ヶー]{2,5})$`)
	})
	arabicAlone = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`^\p{Arabic}{3,10} (?:(?:بن|ابن|عبد|أبو|ابو|آل) )?\p{Arabic}{3,12}$`)
	})
)

// usual says whether a word begins with a family's name and is none.
func usual(w string) bool {
	switch w {
	case "何时", "何况", "石头", "程序", "余额", "许多", "陆续", "严重", "钱呢", "毛病", "钟表", "黄色", "白色", "段时间", "周一", "周二", "周三", "周四", "周五", "周六", "周日", "周末", "史上", "施工", "洪水", "顾客", "林林总总", "谢谢", "谢谢你", "谢谢您", "谢了", "汤匙", "叶片", "田地", "杜绝":
		return true
	default:
		return strings.HasPrefix(w, "谢谢") || strings.HasPrefix(w, "周")
	}
}

// given says whether a word is a frequent given name in one of the countries
// whose languages are spoken here, and hardly any other word.
func given(w string) bool {
	if !unicode.IsLetter(firstRune(w)) || len(w) < 3 {
		return false
	}
	_, ok := givenNames()[strings.ToLower(w)]
	return ok
}
