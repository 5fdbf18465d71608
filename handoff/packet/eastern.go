package packet

import (
	"regexp"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// families are frequent family names of Japan and China: a name that begins with
// one stands before です or 様, before 先生 or 女士, or behind 我是.
var families = sync.OnceValue(func() []*regexp.Regexp {
	return []*regexp.Regexp{
		regexp.MustCompile(`(?:^|[、。，\n 　!！])((?:佐藤|鈴木|高橋|田中|伊藤|渡辺|渡邊|山本|中村|小林|加藤|吉田|山田|佐々木|山口|松本|井上|木村|斎藤|清水|山崎|池田|橋本|阿部|石川|山下|中島|石井|小川|前田|岡田|長谷川|藤田|後藤|近藤|村上|遠藤|青木|坂本|福田|西村|太田|藤井|藤原|岡本|三浦|金子|中野|原田|松田|竹内|上田|中山|和田|森田|石田|工藤|酒井|高木|大野|宮崎|内田|今井|河野|安藤|藤本|村田|武田|杉山|菅原|平野|大塚|千葉|久保|松井|小島|岩崎|桜井|野口|松尾|野村|木下|菊地|佐野|大西|杉本|新井|浜田|市川|古川|水野|小松|島田|小山|高田|西田|菊池|山内|西川|五十嵐|北村|安田|川口|平田|関|森|林)(?:\p{Han}{1,3}|[ 　]?[ぁ-んァ-ヶ]{2,5})?)(?:です|と申|様|さん)`),
		regexp.MustCompile(`((?:[王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔汤])\p{Han}{0,2}(?:先生|女士|小姐|阿姨))`),
		regexp.MustCompile(`(?:我是|叫|收件人|联系人|姓名|户名|账户名|户主|持卡人|下单人|签收人|名字|本人|老公|老婆|丈夫|妻子|母亲|父亲|妈妈|爸爸|我妈|我爸|我姐|我妹|我哥|我弟|我女儿|我儿子|女儿|儿子|奶奶|爷爷|外婆|外公|岳母|岳父|同事|朋友|室友|代收的是|收货的是)[:：是叫，, ]*([王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范石廖贾夏韦邹孟熊秦邱尹薛闫段雷侯史陶黎贺顾毛郝龚邵钱严覃戴莫孔汤]\p{Han}{1,2})(?:[，。,、 ]|$)`),
	}
})

// family finds names by the family's.
func (x *reading) family(s *said) {
	if !dense(s.body) {
		return
	}
	for _, re := range families() {
		for _, m := range re.FindAllStringSubmatchIndex(s.body, 3) {
			if !s.has(device, m[2], m[3]) && !s.has(matter, m[2], m[3]) {
				x.take(s, Name, m[2], m[3], 5)
			}
		}
	}
}

// unspacedName reads the two to four Chinese characters that a name has.
func unspacedName(s string, at int) (from, to int) {
	i := at
	for i < len(s) {
		r, size := utf8.DecodeRuneInString(s[i:])
		if r != ' ' && r != '：' && r != ':' && r != '是' {
			break
		}
		i += size
	}
	from, to = i, i
	n := 0
	for i < len(s) {
		r, size := utf8.DecodeRuneInString(s[i:])
		if !unicode.Is(unicode.Han, r) {
			break
		}
		i += size
		n++
		to = i
	}
	if n < 2 || n > 4 {
		return at, at
	}
	return from, to
}

// japaneseName finds the name before "と申します": what stands between it and the
// start of the sentence, where that is short.
func (x *reading) japaneseName(s *said) {
	if !dense(s.body) {
		return
	}
	for _, end := range []string{"と申します", "と申し", "といいます", "と言います"} {
		at := strings.Index(s.body, end)
		if at < 0 {
			continue
		}
		from := at
		for from > 0 {
			r, size := utf8.DecodeLastRuneInString(s.body[:from])
			if !unicode.In(r, unicode.Han, unicode.Katakana, unicode.Hiragana) && r != 'ー' && r != '・' && r != ' ' && r != '　' || r == 'は' || r == 'の' {
				break
			}
			from -= size
		}
		for from < at && (s.body[from] == ' ' || strings.HasPrefix(s.body[from:], "　")) {
			_, size := utf8.DecodeRuneInString(s.body[from:])
			from += size
		}
		if n := utf8.RuneCountInString(s.body[from:at]); n >= 1 && n <= 10 && !strings.ContainsAny(s.body[from:at], "をがにで") {
			x.take(s, Name, from, at, 4)
		}
		return
	}
}

// named finds the Japanese name behind "名前は".
func (x *reading) named(s *said) {
	for _, cue := range []string{"名前は", "氏名は", "名義は", "宛名は", "名字は", "名前:", "名前：", "氏名:", "氏名：", "名義:", "名義：", "宛名:", "宛名：", "受取人は", "受取人：", "受取人:", "契約者は", "購入者は", "注文者は", "宛名を「", "名前を「", "名義を「", "お名前が", "担当は", "受取は", "差出人は"} {
		at := strings.Index(s.body, cue)
		if at < 0 {
			continue
		}
		from := at + len(cue)
		for _, mark := range []string{" ", "　", "「", "『"} {
			if strings.HasPrefix(s.body[from:], mark) {
				from += len(mark)
			}
		}
		to := from
		for to < len(s.body) && !strings.HasPrefix(s.body[to:], "です") && !strings.HasPrefix(s.body[to:], "と申") && !strings.HasPrefix(s.body[to:], "になって") {
			r, size := utf8.DecodeRuneInString(s.body[to:])
			if !unicode.In(r, unicode.Han, unicode.Katakana, unicode.Hiragana, unicode.Latin) && r != 'ー' && r != '・' && r != ' ' && r != '　' {
				break
			}
			to += size
		}
		name := strings.TrimRight(s.body[from:to], " 　")
		if n := utf8.RuneCountInString(name); n >= 2 && n <= 10 && !strings.ContainsAny(name, "をがにでを") {
			x.take(s, Name, from, from+len(name), 4)
		}
	}
}

// arabicName reads the one or two words after "my name is".
func (s *said) arabicName(h hit) (from, to int) {
	i := h.last + 1
	if i >= len(s.words) || s.words[i].From-h.to > 3 || strings.TrimSpace(s.body[h.to:s.words[i].From]) != "" && !strings.Contains(s.body[h.to:s.words[i].From], ":") {
		return h.to, h.to
	}
	kin := false
	switch s.words[h.last].Form { // after "my husband" or "I am" many things stand
	case "اسمي", "واسمي", "باسم", "وباسم", "الاسم", "الكامل", "معك", "معكم", "معاك", "معاكم", "اسمه", "اسمها", "المستلم", "العميل", "الحساب", "بالاسم", "تحيات", "تحياتي", "المدعو", "المدعوه", "السيد", "السيده", "الاستاذ", "الطلب", "المشتري", "يتكلم", "تتكلم":
	case "انا", "زوجي", "زوجتي", "ابني", "ابنتي", "بنتي", "ولدي", "والدي", "والدتي", "امي", "ابي", "اخي", "اختي", "اخوي", "عمي", "خالي", "لوالدتي", "لزوجتي", "لزوجي", "استلمها", "استلمه", "الجرس", "الحارس":
		kin = true
	default:
		return h.to, h.to
	}
	if kinship(s.words[i].Form) && i+1 < len(s.words) && s.words[i+1].From-s.words[i].To == 1 { // "in the name of my son …"
		i++
	}
	if kin && !arabicGiven(s.words[i].Form) && !kunya(s.words[i].Form) {
		return h.to, h.to
	}
	from, to = s.words[i].From, s.words[i].To
	if kunya(s.words[i].Form) && i+1 < len(s.words) && s.body[to:s.words[i+1].From] == " " { // Umm Rayyan
		return from, s.words[i+1].To
	}
	if i+1 < len(s.words) && s.body[to:s.words[i+1].From] == " " {
		if end := s.words[i+1].To; end == len(s.body) || strings.HasPrefix(s.body[end:], "،") || strings.HasPrefix(s.body[end:], ".") || strings.HasPrefix(s.body[end:], ",") || strings.HasPrefix(s.body[end:], " و") {
			to = end
		}
	}
	return from, to
}

// kinship says whether an Arabic word is "my" with somebody of the family.
func kinship(form string) bool {
	switch form {
	case "زوجي", "زوجتي", "ابني", "ابنتي", "بنتي", "ولدي", "والدي", "والدتي", "امي", "ابي", "اخي", "اختي", "اخوي", "عمي", "خالي", "السيد", "السيده", "الاستاذ", "الاستاذه":
		return true
	default:
		return false
	}
}

// kunya says whether a word begins a name that tells of whom somebody is mother or
// father.
func kunya(form string) bool {
	return form == "ام" || form == "ابو" || form == "بو" || form == "عبد"
}

// arabicGiven says whether a word is a frequent Arabic given name.
func arabicGiven(form string) bool {
	_, ok := arabicNames()[form]
	return ok
}

var arabicNames = sync.OnceValue(func() map[string]struct{} {
	out := map[string]struct{}{}
	for w := range strings.FieldsSeq(`محمد احمد محمود علي حسن حسين عمر عثمان خالد وليد سامي سامر سمير كريم طارق زياد ياسر ماجد فهد سلطان فيصل تركي بندر نايف سعود سعد صالح ناصر منصور يوسف ابراهيم اسماعيل مصطفي عادل عماد رامي رائد بلال انس هشام جمال كمال نبيل فادي شادي هاني وائل ايمن اشرف حاتم مازن غسان نزار جاسم راشد حمد مبارك عبدالله عبدالرحمن عبدالعزيز ريان زيد حمزه ايوب يحيي ادم نور فاطمه عائشه مريم خديجه زينب ساره سلمي ليلي هند نوره منيره حنان امل مني هدي نجلاء رانيا ريم دينا دعاء ايمان اسماء سميره سعاد نادي نادره لطيفه شيماء نهي هاله هبه رحاب سناء وفاء عبير غاده لينا لمي جنا ملك ياسمين رشا مها شهد جميله بسمه كوثر امينه رقيه حفصه صفيه ندي سوسن سلوي فريده نادين جواهر موضي العنود لولوه`) {
		out[w] = struct{}{}
	}
	return out
})
