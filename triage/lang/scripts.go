package lang

import (
	"slices"
	"strings"
	"unicode"

	searched "frontdesk/retrieval/words"
)

// Names of scripts that several languages share; that of another script is the
// code of its one language.
const (
	latinScript    = "latin"
	cyrillicScript = "cyrillic"
	arabicScript   = "arabic"
	hanScript      = "han"
)

// scripts counts letters by script.
type scripts struct {
	names  []string
	counts []int
	kana   int
}

func countScripts(s string) scripts {
	var n scripts
	for field := range strings.FieldsSeq(s) {
		if link(field) {
			continue
		}
		for _, r := range field {
			if name := scriptOf(r); name != "" {
				n.add(name, r)
			}
		}
	}
	return n
}

func (n *scripts) add(name string, r rune) {
	weight := 1
	if name == hanScript || name == "ko" {
		weight = 2 // a character says as much as two or three letters
		if name == hanScript && !unicode.Is(unicode.Han, r) {
			n.kana++
		}
	}
	i := slices.Index(n.names, name)
	if i < 0 {
		n.names, n.counts = append(n.names, name), append(n.counts, 0)
		i = len(n.names) - 1
	}
	n.counts[i] += weight
}

func (n *scripts) total() (sum int) {
	for _, c := range n.counts {
		sum += c
	}
	return sum
}

// most is the script with the most letters and its share of all; n has some.
func (n *scripts) most() (string, float64) {
	best := 0
	for i, c := range n.counts {
		if c > n.counts[best] {
			best = i
		}
	}
	return n.names[best], float64(n.counts[best]) / float64(n.total())
}

func scriptOf(r rune) string {
	if r >= 0x900 && !unicode.IsLetter(r) && unicode.Is(unicode.Devanagari, r) {
		return "hi" // its vowels are marks
	}
	return searched.Script(r)
}

// sign is letters that one language of a script has and its largest has not.
type sign struct{ code, letters string }

func cyrillicSigns() []sign {
	return []sign{{"uk", "іїєґ"}, {"be", "ў"}, {"sr", "јљњћђџ"}, {"kk", "әғқңөұүһ"}}
}

func arabicSigns() []sign {
	return []sign{{"ur", "ٹڈڑےں"}, {"fa", "پچژگ"}}
}

// bySign is the first language whose letters the text has more than once, or
// once in a short text: a foreign name is not a language.
func bySign(s string, list []sign) (string, bool) {
	s = strings.ToLower(s)
	for _, x := range list {
		n := 0
		for _, r := range s {
			if strings.ContainsRune(x.letters, r) {
				n++
			}
		}
		if n*60 > len(s) {
			if x.code == "uk" && strings.ContainsRune(s, 'ў') {
				return "be", true
			}
			return x.code, true
		}
	}
	return "", false
}

// Characters that Japanese or Chinese alone writes, among the usual ones: since
// the reforms of the last century each has simplified in its own way.
const (
	onlyJapanese = "気円発転図売読駅験応対変楽桜浜沢辺込働払広帰鉄歳検権撃済両毎歩黒郵返届壊荷為実続総様残庁黙徴仮県関戻扱枠締贈説内歴匂録剣薬縄焼児労勧暦奥覚拡辞顕険栄収穫渋塩斉斎繊従銭浅弾単抜髪闘鶏齢請求書修理故障再発行電池充電"
	onlyChinese  = "们这为说时过还没吗给买卖现钱边话开关门问题员东车马长见电机么谁请谢让认识语误课调进远运连银错钟铁饭馆样网应币单双质换货呢吧啊你您她它很怎哪哦嗯账户码订购发票费运输损坏碎丢联系系统经验级继续显示灯闪够带盖盘线处务优惠办坏"
)

// han tells Japanese, which is hardly written without kana, from Chinese.
func han(s string, n scripts, page string) (string, float64) {
	if n.kana > 0 {
		all := n.counts[slices.Index(n.names, hanScript)] / 2
		if n.kana*20 > all {
			return "ja", .99
		}
	}
	ja, zh := 0, 0
	for _, r := range s {
		if strings.ContainsRune(onlyJapanese, r) {
			ja++
		}
		if strings.ContainsRune(onlyChinese, r) {
			zh++
		}
	}
	switch {
	case ja > zh && (page == "ja" || zh == 0 && page != "zh"):
		return "ja", .8
	case zh > ja:
		return "zh", .97
	case page == "ja" && ja >= zh:
		return "ja", .7 // a few characters of a Japanese customer: 返品, 送料
	default:
		return "zh", .8
	}
}
