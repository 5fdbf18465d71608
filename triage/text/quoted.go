package text

import (
	"strings"
	"unicode"
)

// line is a line of a text, in bytes, without its end.
type line struct {
	from, to int
	s        string
}

func lines(s string) []line {
	var out []line
	for from := 0; from <= len(s); {
		to := len(s)
		if n := strings.IndexByte(s[from:], '\n'); n >= 0 {
			to = from + n
		}
		out = append(out, line{from, to, strings.TrimRight(s[from:to], "\r")})
		from = to + 1
	}
	return out
}

// quoted finds old mail: lines that begin with ">", and what follows a line that
// says who wrote when, or a block of mail headers, up to the end or, where the
// old text is marked by ">", as far as those marks go.
func quoted(s string) []Span {
	if !strings.ContainsAny(s, ">＞:：") {
		return nil
	}
	ls := lines(s)
	var out []Span
	for i := 0; i < len(ls); {
		n, rest := opener(ls[i:])
		switch {
		case n > 0 && rest && !marked(ls[i+n:]):
			return join(out, Span{ls[i].from, len(s)})
		case n > 0:
			out = join(out, Span{ls[i].from, ls[i+n-1].to})
			i += n
		case mark(ls[i].s):
			out = join(out, Span{ls[i].from, ls[i].to})
			i++
		default:
			i++
		}
	}
	return out
}

// join adds a span, to the last one where only the end of a line is between.
func join(list []Span, s Span) []Span {
	if n := len(list); n > 0 && list[n-1].To+1 >= s.From {
		list[n-1].To = s.To
		return list
	}
	return append(list, s)
}

func mark(l string) bool {
	l = strings.TrimLeft(l, " \t\u00a0")
	if strings.HasPrefix(l, "＞") {
		return true
	}
	// ">:(" is a face, ">" alone or before a blank or a letter is a quotation.
	return strings.HasPrefix(l, ">") && !strings.HasPrefix(l, ">:") && !strings.HasPrefix(l, ">.<") && !strings.HasPrefix(l, ">_")
}

// marked says whether the next line with something on it is marked by ">".
func marked(ls []line) bool {
	for _, l := range ls {
		if strings.TrimSpace(l.s) != "" {
			return mark(l.s)
		}
	}
	return false
}

// opener says whether old mail begins here: of how many lines its head consists,
// and whether what follows belongs to it.
func opener(ls []line) (n int, rest bool) {
	l := strings.TrimSpace(ls[0].s)
	if l == "" {
		return 0, false
	}
	if ruled(l) || headers(ls) {
		return 1, true
	}
	if wrote(l) {
		return 1, len(ls) > 1
	}
	// A mail program breaks a long line in two.
	if len(ls) > 1 && len(l) > 20 && !strings.HasSuffix(l, ".") && dated(l) && wrote(l+" "+strings.TrimSpace(ls[1].s)) {
		return 2, len(ls) > 2
	}
	return 0, false
}

// ruled says whether a line is one of those that mail programs put over an old
// or forwarded message.
func ruled(l string) bool {
	if !strings.HasPrefix(l, "--") && !strings.HasPrefix(l, "__") && !strings.HasPrefix(l, "==") && !strings.HasPrefix(l, "Begin forwarded") {
		return false
	}
	l = strings.ToLower(strings.Trim(l, "-_= :"))
	for _, title := range []string{
		"original message", "forwarded message", "original appointment", "begin forwarded message",
		"ursprüngliche nachricht", "originalnachricht", "weitergeleitete nachricht",
		"message d'origine", "message original", "message transféré",
		"mensaje original", "mensaje reenviado",
		"messaggio originale", "messaggio inoltrato",
		"mensagem original", "mensagem encaminhada",
		"oorspronkelijk bericht", "doorgestuurd bericht",
		"oryginalna wiadomość", "wiadomość oryginalna", "przekazana wiadomość", "wiadomość przekazana",
		"orijinal mesaj", "özgün ileti", "iletilen mesaj", "yönlendirilmiş ileti",
		"الرسالة الأصلية", "رسالة معاد توجيهها", "元のメッセージ", "転送されたメッセージ", "转发的邮件", "原始邮件",
	} {
		if strings.HasPrefix(l, title) {
			return true
		}
	}
	return false
}

// headers says whether a block of mail headers begins here: a line that names a
// sender, and within the next four one more header.
func headers(ls []line) bool {
	if headerKind(ls[0].s) != 'f' {
		return false
	}
	for _, l := range ls[1:min(len(ls), 5)] {
		if headerKind(l.s) == 'o' {
			return true
		}
	}
	return false
}

// headerKind is 'f' for the line of a sender, 'o' for another mail header.
func headerKind(l string) byte {
	l = strings.Trim(strings.TrimSpace(l), "*")
	at := strings.IndexAny(l, ":：")
	if at < 1 || at > 24 {
		return 0
	}
	switch strings.ToLower(strings.TrimFunc(l[:at], func(r rune) bool { return unicode.IsSpace(r) || r == '*' })) {
	case "from", "von", "de", "da", "van", "od", "gönderen", "kimden", "من", "差出人", "发件人", "寄件者", "från", "от", "від":
		return 'f'
	case "sent", "date", "to", "subject", "cc", "gesendet", "datum", "an", "betreff", "envoyé", "à", "objet", "enviado", "enviado el", "fecha", "para", "asunto",
		"inviato", "data", "a", "oggetto", "enviada", "enviada em", "assunto", "verzonden", "aan", "onderwerp", "wysłano", "do", "temat",
		"gönderildi", "tarih", "kime", "konu", "التاريخ", "إلى", "الموضوع", "تاريخ الإرسال", "送信日時", "日時", "日付", "宛先", "件名", "发送时间", "日期", "收件人", "主题", "skickat", "till", "ämne":
		return 'o'
	default:
		return 0
	}
}

// wrote says whether a line says who wrote when: it ends in a colon, has a verb
// of writing, and a date or an address.
func wrote(l string) bool {
	if len(l) > 400 || !strings.HasSuffix(l, ":") && !strings.HasSuffix(l, "：") || !dated(l) {
		return false
	}
	l = strings.ToLower(l)
	for _, verb := range []string{
		"wrote", "schrieb", "a écrit", "escribió", "ha scritto", "escreveu", "schreef", "geschreven", "napisał", "pisze", "yazdı", "كتب", "のメール", "書きました", "写道", "寫道", "skrev", "пише", "писал", "napsal", "viết", "menulis",
	} {
		if strings.Contains(l, verb) {
			return true
		}
	}
	return false
}

// dated says whether a line has an address, or a year or time of day.
func dated(l string) bool {
	if strings.ContainsAny(l, "@<") {
		return true
	}
	run, at := 0, -1
	for i, r := range l {
		if _, ok := Digit(r); !ok {
			if run == 4 || (run == 1 || run == 2) && (r == ':' || r == '.' || r == '/' || r == '-' || r == '年') && at >= 0 {
				return true
			}
			run = 0
			continue
		}
		if run++; run == 1 {
			at = i
		}
	}
	return run == 4
}
