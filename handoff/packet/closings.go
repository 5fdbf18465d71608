package packet

import (
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"frontdesk/triage/text"
)

// under takes the name under a letter, behind the words that letters end in:
// "Cheers, Pip x", "Groetjes, Wietske".
func (x *reading) under(s *said) {
	if !s.mentions(closed()...) {
		return
	}
	for _, m := range closers().FindAllStringSubmatchIndex(s.body, 3) {
		from, to := m[2], m[3]
		if s.body[from:to] == strings.ToUpper(s.body[from:to]) && to-from > 3 || x.ordinaryIn(s, s.body[from:to]) || !s.nameLike(from, to) || s.sold(x, from, to) {
			continue
		}
		x.take(s, Name, from, to, 4)
	}
	for _, m := range smallClosers().FindAllStringSubmatchIndex(s.body, 3) {
		first, _, _ := strings.Cut(s.body[m[2]:m[3]], " ")
		if given(first) && s.nameLike(m[2], m[3]) {
			x.take(s, Name, m[2], m[3], 4)
		}
	}
}

// closed are parts of closerWords that one of them is in.
func closed() []string {
	return []string{"regard", "cheers", "thank", "thx", "ta", "tia", "sincer", "faith", "truly", "wishes", "love", "best", "gr", "lg", "vg", "mfg", "bg", "dank", "ciao", "cordial", "cdt", "cdlt", "merci", "bis", "à vous", "saluta", "salud", "gracias", "atent", "abra", "salut", "grazie", "cumpr", "cumps", "atenc", "obrig", "mvg", "pozdr", "dzi", "poważ", "sayg", "selam", "sevg", "teşekk", "sağol"}
}

const closerWords = `(?:regards|cheers|thanks|thank you|thankyou|thx|ta|tia|sincerely|faithfully|truly|wishes|love|best|grüße|grüßen|gruß|gruss|grüsse|grüßle|lg|vg|mfg|bg|danke|dank|ciao|cordialement|cdt|cdlt|merci|bises|bisous|à vous|salutations|saludos?|gracias|atentamente|abrazo|saluti|grazie|cumprimentos|cumps|atenciosamente|obrigad[oa]|abraços?|groet|groeten|groetjes|gr|mvg|bedankt|pozdrawiam|pozdrowienia|dzięki|dziękuję|poważaniem|saygılar|saygılarımla|selamlar|sevgiler|teşekkürler|sağolun)`

var (
	closers = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`(?:^|[\s.,!?])(?i:` + closerWords + `)(?i: again| in advance| aus \p{Lu}\pL+| im voraus| d'avance| de antemano| mille)?(?:[ ]*[,.!;:–—-]+\s*|\s+)((?:(?:\p{Lu}\pL{1,4}\.) )?\p{Lu}[\pL'’-]+(?: (?:\p{Lu}[\pL'’-]+|\p{Lu}\.?|(?:van|von|de|da|di|del|der|den|el|al) \p{Lu}[\pL'’-]+)){0,2})(?: ?\((?:Mrs|Mr|Ms|Miss|Dr|Frau|Herr|Mme|M\.)\.?\))?(?: [xX]{1,3})?[\s.!)(:;,]*(?:$|\n)`)
	})
	smallClosers = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`(?:^|[\s.,!?])(?i:` + closerWords + `)(?:[ ]*[,.!;:–—-]+\s*|\s+)(\p{Ll}[\pL'’-]+(?: \p{Ll}[\pL'’-]*\.?)?)(?: x{1,3})?[\s.!)(:;,]*$`)
	})
)

// introduced takes a given name in small letters behind "this is", "soy", "met".
func (s *said) introduced(h hit) (from, to int) {
	i := h.last + 1
	if i >= len(s.words) || strings.Trim(s.body[h.to:s.words[i].From], " :,") != "" || s.words[i].From-h.to > 3 {
		return h.to, h.to
	}
	w := s.words[i]
	if !given(s.body[w.From:w.To]) || s.lang.single[w.Form] != 0 {
		return h.to, h.to
	}
	from, to = w.From, w.To
	if i+1 < len(s.words) && s.body[to:s.words[i+1].From] == " " {
		next := s.words[i+1]
		rest := s.body[next.To:]
		if utf8.RuneCountInString(s.body[next.From:next.To]) >= 3 && (rest == "" || strings.ContainsRune(",.;!?\n", rune(rest[0]))) && s.lang.single[next.Form] == 0 && !s.anyHit(next.From, next.To) {
			to = next.To
		}
	}
	return from, to
}

// beside takes a name that stands alone between signs right before or behind a
// telephone number or an e-mail address: "Fergal. +353 20 915 0082".
func (x *reading) beside(s *said) {
	parts := partsOf(s.body)
	for i, p := range parts {
		part := s.body[p.From:p.To]
		words := strings.Fields(part)
		if len(words) == 0 || len(words) > 3 || len(part) < 3 || strings.ContainsFunc(part, func(r rune) bool { return !inName(r) && r != ' ' }) {
			continue
		}
		if strings.HasPrefix(s.body[p.To:], ":") || strings.HasPrefix(s.body[p.To:], "：") {
			continue // what it says of the number: "Mobile: 07…"
		}
		if !s.touches(x, parts, i) || !s.nameLike(p.From, p.To) || s.sold(x, p.From, p.To) || s.anyHit(p.From, p.To) || x.ordinaryIn(s, part) {
			continue
		}
		a, b := capitalised(s.body, p.From, 3)
		capitals := a == p.From && b == p.To
		switch {
		case given(words[0]):
		case !capitals, s.lang == x.m.book.langs["de"] && len(words) < 2:
			continue
		}
		x.take(s, Name, p.From, p.To, 3)
	}
}

// touches says whether a telephone number or an e-mail address stands in the part
// before or behind one.
func (s *said) touches(x *reading, parts []text.Span, i int) bool {
	for _, k := range []int{i - 1, i + 1} {
		if k < 0 || k >= len(parts) {
			continue
		}
		if slices.ContainsFunc(x.found, func(c candidate) bool {
			return (c.label == Phone || c.label == Email) && c.from < parts[k].To && parts[k].From < c.to
		}) {
			return true
		}
	}
	return false
}

// honoured finds Japanese names before さん or 様, and those that stand behind the
// part of a firm: "営業部の長谷部です".
func (x *reading) honoured(s *said) {
	if !dense(s.body) {
		return
	}
	for _, re := range []*regexp.Regexp{honorific(), division(), inTheName()} {
		for _, m := range re.FindAllStringSubmatchIndex(s.body, 5) {
			if m[2] < 0 {
				m = m[2:]
			}
			switch s.body[m[2]:m[3]] {
			case "皆", "客", "店員", "奥", "母", "父", "兄", "姉", "息子", "娘", "旦那", "隣", "配達員", "担当者", "担当", "大家", "業者", "お客", "子供", "御中", "貴社", "各", "皆々", "スタッフ", "ドライバー", "オペレーター", "ロボット", "ボット", "管理人", "運転手", "同", "以上", "何", "王":
				continue
			}
			if !s.has(device, m[2], m[3]) && !s.has(matter, m[2], m[3]) && !s.sold(x, m[2], m[3]) {
				x.take(s, Name, m[2], m[3], 4)
			}
		}
	}
}

var (
	honorific = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`(?:^|[^\p{Han}ァ-ヶー])(\p{Han}{1,3}|[ァ-ヶー]{2,8})(?:さん|様|氏|さま)`)
	})
	// Characters that family names of Japan are made of, all of them.
	inTheName = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`(?:^|[、。の\s「はも])([\p{Han}ァ-ヶー]{2,7})(?:の名前で|名義で|の名で|の名義で|名義です)` +
			`|^(?:[^、。！!]{0,16}[、。！!\s])?([田村山川本藤野原島木井林口森橋谷沢澤崎石上下中西東北南大小高松竹杉桜岡坂塚宮内河池水清浜岩瀬関堀平古新長永安吉福富和三五八千久保秋佐伊加近遠後斎武浅今菊根青黒金丸横角尾津戸辺部]{2,4})です[。、！!]`)
	})
	division = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`(?:部|店|課|会社|商店|工房|係|室)の(\p{Han}{2,4})(?:です|と申|といい|と言い)`)
	})
)

// firms finds names of firms that no short form at their end shows: by what
// stands before, by a sign for "and", by the word for a firm in Japanese.
func (x *reading) firms(s *said) {
	if !s.mentions(" & ", "sarl", "sas", "eurl", "fa.", "firma", "ets ", "établ", "ditta", "soc.", "studio", "gebr.", "praxis", "kanzlei", "café", "restaurant", "trattoria", "ristorante", "panader", "cafeter", "padaria", "bäckerei", "会社", "商事", "商店", "工業", "製作所", "公司") {
		return
	}
	for _, m := range firm().FindAllStringSubmatchIndex(s.body, 5) {
		for k := 2; k < len(m); k += 2 {
			if m[k] >= 0 && !s.sold(x, m[k], m[k+1]) && !x.in.Catalogue.knows(s.body[m[k]:m[k+1]]) {
				x.take(s, Name, m[k], m[k+1], 5)
			}
		}
	}
}

var firm = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?:^|[^\pL])((?:SARL|SAS|SASU|EURL|Fa\.|Firma|Ets|Établissements|Ditta|Soc\.|Studio|Gebr\.|Praxis|Kanzlei|Café|Restaurant|Trattoria|Ristorante|Panadería|Cafetería|Padaria|Bäckerei) \p{Lu}[\pL'’.-]+(?: (?:& )?\p{Lu}[\pL'’.-]+){0,2})` +
		`|(?:^|[ (:«"“])(\p{Lu}[\pL'’-]+(?: \p{Lu}[\pL'’-]+)? & \p{Lu}[\pL'’-]+(?: \p{Lu}[\pL'’-]+){0,2})` +
		`|((?:株式会社|有限会社|合同会社)[\p{Han}ァ-ヶーぁ-ん]{2,10}?)(?:です|の|と|、|。|\s|$|宛|様|御中)` +
		`|(?:^|[：:、。\s「は])([\p{Han}ァ-ヶー]{2,8}(?:株式会社|有限会社|商事|商店|工業|製作所))` +
		`|([\p{Han}]{2,14}有限(?:责任)?公司)`)
})

// again finds names by small phrases around them: "it's Kez again", "dan mercer's
// account", "la signature dit « Hamon »".
func (x *reading) again(s *said) {
	if !s.mentions("again", "here", "from", "calling", "speaking", "'s ", "’s ", "ici", "hier", "aqu", "sign", "unterschr", "firm", "assin", "tekend", "podpis", "imza", "klingel", "bell", "buzzer", "sonnette", "interphone", "citofono", "timbre", "campainha", "dzwonek", "zil", "name", "nombre", "nom", "naam", "imi") {
		return
	}
	for _, m := range smallPhrases().FindAllStringSubmatchIndex(s.body, 6) {
		for k := 2; k < len(m); k += 2 {
			if m[k] < 0 {
				continue
			}
			from, to := m[k], m[k+1]
			first, _, _ := strings.Cut(s.body[from:to], " ")
			if !capital(s.body[from:]) && !given(first) && !strings.Contains(first, ".") || !s.nameLike(from, to) || x.ordinaryIn(s, s.body[from:to]) || s.sold(x, from, to) {
				continue
			}
			x.take(s, Name, from, to, 4)
		}
	}
}

var smallPhrases = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?i:\b(?:it'?s|it’s|it is|me,?) )(\p{Lu}\pL+)(?i: (?:again|here|from|calling|speaking)\b)` +
		`|(?:^|[\s,.])((?:\pL+ )\pL+)['’]s (?:account|order|parcel|name|address|house|card|email|number|kettle|machine)\b` +
		`|^(\p{Lu}[\pL-]+(?: \p{Lu}[\pL-]+)?) (?:ici|hier|aquí|aqui)\b` +
		`|(?i:signature|signed|unterschrift|unterschrieben|signé|firmado|firma|firmato|assinado|assinatura|getekend|handtekening|podpis|podpisane|imza|klingel|bell|buzzer|sonnette|interphone|citofono|timbre|campainha|deurbel|dzwonek|zil)(?: \pL{1,8}){0,2}:? ?[«“„"'‘] ?(\p{Lu}[\pL'’/-]+(?: \p{Lu}[\pL'’/-]+)?)` +
		`|(?i:name|nombre|nom|nome|naam|namen|imię)(?i: is| ist| est| es| è| é)?:? (\pL\. ?\pL[\pL'’-]+)` +
		`|(?i:klingel|klingelschild|bell|buzzer|sonnette|interphone|citofono|timbre|campainha|deurbel|dzwonek|zil)(?: \pL{1,8}){0,2}:? (\p{Lu}[\pL'’-]+(?:/\p{Lu}[\pL'’-]+)?)`)
})
