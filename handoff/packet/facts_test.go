package packet_test

import (
	"strings"
	"testing"
)

func TestMake_ReadsFacts(t *testing.T) {
	t.Parallel()
	m := newMaker(t)
	for name, row := range map[string]struct {
		lang string
		say  []string
		want string
	}{
		"an order number in passing":           {"en", []string{"c: my ordr 99-12 774 never came"}, "order_number=99-12 774"},
		"an order number behind a hash":        {"en", []string{"c: Order #4711 arrived broken"}, "order_number=4711"},
		"the shop's shape, nothing said of it": {"en", []string{"c: KW-5084419"}, "order_number=KW-5084419"},
		"the shop's shape, with a blank":       {"en", []string{"c: its KW 5084419 i think"}, "order_number=KW 5084419"},
		"a number that was asked for":          {"en", []string{"c: where is my parcel", "b: What is your order number?", "c: 88 412"}, "order_number=88 412"},
		"said afterwards":                      {"en", []string{"c: 5162288 is my order number"}, "order_number=5162288"},
		"German":                               {"de", []string{"c: Meine Bestellnummer lautet 2026-44182, seit Dienstag warte ich."}, "order_number=2026-44182 | date=Dienstag"},
		"French":                               {"fr", []string{"c: commande n° 4471882, reçue avant-hier"}, "order_number=4471882 | date=avant-hier"},
		"Spanish":                              {"es", []string{"c: mi pedido es el 771204 y lo pedí hace dos semanas"}, "order_number=771204 | date=hace dos semanas"},
		"Italian":                              {"it", []string{"c: l'ordine numero 550127, fatto tre settimane fa"}, "order_number=550127 | date=tre settimane fa"},
		"Portuguese":                           {"pt", []string{"c: a encomenda 992031 chegou ontem partida"}, "order_number=992031 | date=ontem"},
		"Dutch":                                {"nl", []string{"c: bestelnummer 30441 is gisteren geleverd"}, "order_number=30441 | date=gisteren"},
		"Polish":                               {"pl", []string{"c: zamówienie nr 77120 przyszło wczoraj"}, "order_number=77120 | date=wczoraj"},
		"Turkish":                              {"tr", []string{"c: sipariş numaram 448120, geçen hafta verdim"}, "order_number=448120 | date=geçen hafta"},
		"Arabic":                               {"ar", []string{"c: رقم الطلب ٤٤٨١٢٠ ووصل أمس"}, "order_number=٤٤٨١٢٠ | date=أمس"},
		"Japanese":                             {"ja", []string{"c: 注文番号は448120です。昨日届きました。"}, "order_number=448120 | date=昨日"},
		"Chinese":                              {"zh", []string{"c: 订单号是448120，上周五收到的"}, "order_number=448120 | date=上周五"},

		"a serial number":                   {"en", []string{"c: s/n: 7741-AB-0092"}, "serial=7741-AB-0092"},
		"a serial number by its model":      {"en", []string{"c: the label says S3-24-118820"}, "serial=S3-24-118820"},
		"a German serial number":            {"de", []string{"c: Seriennr. D8 26 00391"}, "serial=D8 26 00391"},
		"an error code with its word":       {"en", []string{"c: it shows error 12 all the time"}, "error_code=12"},
		"an error code by its shape":        {"en", []string{"c: E07 on the display since 12 October"}, "error_code=E07 | date=12 October"},
		"an error code in pieces":           {"de", []string{"c: Fehler E 07 seit heute Morgen"}, "error_code=E 07 | date=heute Morgen"},
		"a temperature is no error":         {"en", []string{"c: the probe shows 91 degrees"}, ""},
		"no word in it at all":              {"en", []string{"c: £45" + strings.Repeat("x", 300)}, "amount=£45"},
		"glued by a blank nobody sees":      {"en", []string{"c: my S3\u200b12.09.2026"}, "date=12.09.2026"},
		"a model is no error":               {"en", []string{"c: the screen of my S3 is dark"}, "product=S3"},
		"a firmware's version":              {"en", []string{"c: firmware 2.4.1 broke it"}, "software_version=2.4.1"},
		"a tracking number":                 {"en", []string{"c: tracking number 1Z999AA10123456784 says nothing"}, "tracking_number=1Z999AA10123456784"},
		"a reference":                       {"en", []string{"c: my complaint ref C-20418 is two weeks old"}, "reference=C-20418 | date=two weeks old"},
		"the last digits of a card":         {"en", []string{"c: I paid with the card ending in 4402"}, "card_end=4402"},
		"an e-mail address and a telephone": {"en", []string{"c: jo.blunt@example.org or 07700 900 118"}, "email=jo.blunt@example.org | phone=07700 900 118"},
		"a whole card's number is left out": {"en", []string{"c: my card 4111 1111 1111 1111 was charged £45"}, "amount=£45"},
		"amounts":                           {"en", []string{"c: charged £1,347.20, not 19 quid"}, "amount=£1,347.20 | amount=19 quid"},
		"amounts after the number":          {"de", []string{"c: abgebucht wurden 1.299,00 € statt 99 Euro"}, "amount=1.299,00 € | amount=99 Euro"},
		"amounts in words":                  {"en", []string{"c: I paid nine hundred pounds"}, "amount=nine hundred pounds"},
		"amounts in yen":                    {"ja", []string{"c: 12,800円引き落とされました"}, "amount=12,800円"},
		"amounts in złoty":                  {"pl", []string{"c: pobrano 249 zł z karty"}, "amount=249 zł"},
		"a quantity":                        {"en", []string{"c: I ordered two Mill 60 for the office"}, "quantity=two | product=Mill 60"},
		"an article is no quantity":         {"fr", []string{"c: j'ai acheté une Brisa S3"}, "product=Brisa S3"},
		"a product's longer name":           {"en", []string{"c: is the wick k2 mini quieter than the K2?"}, "product=wick k2 mini | product=K2"},
		"a coffee from a table":             {"en", []string{"c: the Harbour Blend was stale"}, "product=Harbour Blend"},
		"dates in figures":                  {"de", []string{"c: gekauft am 12.09.2026, geliefert 3.10."}, "date=12.09.2026 | date=3.10"},
		"dates in words":                    {"es", []string{"c: lo compré el 3 de mayo de 2026"}, "date=3 de mayo de 2026"},
		"dates in Japanese":                 {"ja", []string{"c: 10月3日に買いました"}, "date=10月3日"},
		"may is no month":                   {"en", []string{"c: may I return it in May?"}, "date=May"},
		"a British address":                 {"en", []string{"c: send it to 12 Marl Terrace, Leeds LS2 9JT"}, "address=12 Marl Terrace, Leeds LS2 9JT"},
		"a German address":                  {"de", []string{"c: Lieferung an Lausitzer Straße 8, 10999 Berlin"}, "address=Lausitzer Straße 8, 10999 Berlin"},
		"a postcode alone":                  {"en", []string{"c: my postcode is BN7 2XX"}, "address=BN7 2XX"},
		"a name":                            {"en", []string{"c: My name is Ada Blunt, and the parcel is gone"}, "name=Ada Blunt"},
		"a name typed small":                {"en", []string{"c: my name is ada blunt"}, "name=ada blunt"},
		"a name with a title":               {"de", []string{"c: Frau Özdemir hat unterschrieben"}, "name=Frau Özdemir"},
		"a Chinese name":                    {"zh", []string{"c: 我叫王小明，电话13800138000"}, "name=王小明 | phone=13800138000"},
		"a Japanese name":                   {"ja", []string{"c: 田中花子と申します。"}, "name=田中花子"},
		"somebody else's order":             {"en", []string{"c: my neighbour's order KW-5084410 came, mine did not"}, ""},
		"numbers that are no facts":         {"en", []string{"c: I called 3 times and waited 45 minutes, 24/7 my foot"}, ""},
		"a press of a choice is not said":   {"en", []string{"b: Which?"}, ""},
		"nothing at all":                    {"en", nil, ""},
		"a wish and nothing else":           {"en", []string{"c: talk to a person please"}, ""},
		"what the bot says is no fact":      {"en", []string{"b: Your order KW-5084419 is on its way for £20"}, ""},
		"a voucher":                         {"en", []string{"c: voucher code SPRING-2026-X9 is refused"}, "voucher=SPRING-2026-X9"},
		"an account number":                 {"de", []string{"c: IBAN DE89 3704 0044 0532 0130 00 bitte"}, "iban=DE89 3704 0044 0532 0130 00"},
		"the same value twice is one fact":  {"en", []string{"c: order 5162288", "c: as I said, order 5162288"}, "order_number=5162288"},
		"a correction":                      {"en", []string{"c: order 4117 is late", "c: no, order 4711, sorry"}, "order_number=4117† | order_number=4711"},
		"a correction in the same message":  {"en", []string{"c: order KW-3008871... that's the bread knife sorry. KW-3008817"}, "order_number=KW-3008871† | order_number=KW-3008817"},
		"two orders are two":                {"en", []string{"c: orders KW-3008871 and KW-3008817 are both late"}, "order_number=KW-3008871 | order_number=KW-3008817"},
		"a corrected address":               {"fr", []string{"c: mon mail: jo@example.org", "c: pardon, jo.b@example.org"}, "email=jo@example.org† | email=jo.b@example.org"},
		"a correction of a day":             {"en", []string{"c: it came on Sunday, no, Saturday"}, "date=Sunday† | date=Saturday"},
		"a correction in German":            {"de", []string{"c: Bestellung 88121", "c: Entschuldigung, vertippt: 88112"}, "order_number=88121† | order_number=88112"},
		"a correction in Chinese":           {"zh", []string{"c: 订单号448120", "c: 打错了，是448102"}, "order_number=448120† | order_number=448102"},
		"what it is not":                    {"en", []string{"c: it's not the K2, it's the K2 Mini"}, "product=K2† | product=K2 Mini"},
		"the old number":                    {"en", []string{"c: old number was 07700 900118, new one 07700 900672"}, "phone=07700 900118† | phone=07700 900672"},
		"a mistake with what it was to be":  {"fr", []string{"c: j'avais mis jo@example.org au lieu de jo.b@example.org"}, "email=jo@example.org† | email=jo.b@example.org"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := m.Make(input(row.lang, said(row.say...)))
			if got := told(p.Facts); got != row.want {
				t.Errorf("%v:\n got %s\nwant %s", row.say, got, row.want)
			}
		})
	}
}
