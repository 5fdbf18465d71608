package triage

import "testing"

func TestRead_WishForAPerson(t *testing.T) {
	t.Parallel()
	r, err := NewReader()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ lang, text string }{
		{"en", "Can I talk to a human?"},
		{"en", "I want to speak with a real person about my kettle!"},
		{"en", "human please"},
		{"en", "AGENT"},
		{"en", "connect me to an agent now"},
		{"de", "Ich möchte mit einem Menschen sprechen"},
		{"de", "Kann ich bitte mit einem Mitarbeiter sprechen?"},
		{"de", "Mitarbeiter bitte"},
		{"fr", "Je voudrais parler à un conseiller"},
		{"fr", "parler à quelqu’un"},
		{"es", "Quiero hablar con una persona real"},
		{"es", "¿Puedo hablar con un agente?"},
		{"it", "Vorrei parlare con un operatore"},
		{"pt", "Quero falar com um atendente"},
		{"pt", "Preciso falar com uma pessoa"},
		{"nl", "Kan ik een medewerker spreken?"},
		{"pl", "Chcę porozmawiać z konsultantem"},
		{"tr", "Bir temsilciye bağlanmak istiyorum"},
		{"tr", "MÜŞTERİ TEMSİLCİSİ"},
		{"ar", "أريد التحدث مع موظف"},
		{"ja", "担当者と話したいです"},
		{"ja", "オペレーターにつないでください"},
		{"zh", "转人工"},
		{"zh", "我要找人工客服，谢谢"},
	} {
		t.Run(c.text, func(t *testing.T) {
			t.Parallel()
			if s := r.Read(c.text); !s.WantsPerson || s.Lang != c.lang {
				t.Errorf("got %+v, want a wish in %s", s, c.lang)
			}
		})
	}
}

func TestRead_NoWishWhereNobodyAskedForOne(t *testing.T) {
	t.Parallel()
	r, err := NewReader()
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{
		"I don't want to talk to a human",
		"How do I contact customer service?",
		"The agent who delivered my parcel was rude",
		"Is the human-readable manual online?",
		"Is there a person named on the invoice?",
		"Ich möchte nicht mit einem Menschen sprechen",
		"Kommt der Kettle mit einem Deckel?",
		"je ne veux pas parler à un conseiller",
		"no quiero hablar con un agente",
		"Wie erreiche ich den Kundenservice?",
		"保修期多长时间？",
		"配送に何日かかりますか",
		"How do I descale the kettle?",
		"😀😀",
		"",
		"{{7*7}} <script>alert(1)</script> '; DROP TABLE turns; --",
	} {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			if s := r.Read(text); s != (Signals{}) {
				t.Errorf("got %+v, want nothing", s)
			}
		})
	}
}

func TestRead_SmallTalkOnlyWhereNothingElseIsSaid(t *testing.T) {
	t.Parallel()
	r, err := NewReader()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		want Small
		text string
	}{
		{Greeting, "Hi!"},
		{Greeting, "hello there"},
		{Greeting, "Good morning team"},
		{Greeting, "Guten Tag"},
		{Greeting, "Grüß Gott"},
		{Greeting, "Bonjour"},
		{Greeting, "¡Hola! Buenos días"},
		{Greeting, "こんにちは"},
		{Greeting, "您好"},
		{Greeting, "السلام عليكم"},
		{Thanks, "thanks"},
		{Thanks, "ok, thank you very much!!"},
		{Thanks, "Vielen Dank für Ihre Hilfe"},
		{Thanks, "merci beaucoup"},
		{Thanks, "谢谢你"},
		{Thanks, "ありがとうございます"},
		{Thanks, "çok teşekkür ederim"},
		{NoSmall, "hello, where is my parcel"},
		{NoSmall, "thanks but it still leaks"},
		{NoSmall, "ok"},
		{NoSmall, "好的"},
		{NoSmall, "Hi, how do I return this?"},
	} {
		t.Run(c.text, func(t *testing.T) {
			t.Parallel()
			if s := r.Read(c.text); s.Small != c.want || s.WantsPerson {
				t.Errorf("got %+v, want %v", s, c.want)
			}
		})
	}
}

func TestPhrases_AreReadBackAsWhatTheyAre(t *testing.T) {
	t.Parallel()
	r, err := NewReader()
	if err != nil {
		t.Fatal(err)
	}
	if len(r.langs) != 12 {
		t.Fatalf("%d languages, want 12", len(r.langs))
	}
	for _, l := range r.langs {
		for _, w := range l.p.wishes() {
			if s := r.Read(w); !s.WantsPerson {
				t.Errorf("%s: the wish %q is not taken for one: %+v", l.code, w, s)
			}
		}
		for _, g := range l.p.Greeting {
			if s := r.Read(g); s.Small != Greeting {
				t.Errorf("%s: the greeting %q is not taken for one: %+v", l.code, g, s)
			}
		}
		for _, g := range l.p.Ending {
			if s := r.Read(g); s.Small != Ending {
				t.Errorf("%s: the ending %q is not taken for one: %+v", l.code, g, s)
			}
		}
		for _, g := range l.p.Chat {
			if s := r.Read(g); s.Small != Chat {
				t.Errorf("%s: the small talk %q is not taken for it: %+v", l.code, g, s)
			}
		}
		for _, g := range l.p.Thanks {
			if s := r.Read(g); s.Small != Thanks {
				t.Errorf("%s: the thanks %q are not taken for some: %+v", l.code, g, s)
			}
		}
	}
}

func FuzzRead(f *testing.F) {
	r, err := NewReader()
	if err != nil {
		f.Fatal(err)
	}
	for _, s := range []string{"talk to a human", "你好", "\xff\xfe", "İıI", "اَلسَّلامُ"} {
		f.Add(s)
	}
	f.Fuzz(func(_ *testing.T, s string) { r.Read(s) })
}

func BenchmarkRead(b *testing.B) {
	r, err := NewReader()
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		r.Read("I ordered a kettle two weeks ago and it still has not arrived, where is it?")
	}
}

func TestRead_SmallTalkOfManyLanguagesTellsNone(t *testing.T) {
	t.Parallel()
	r, err := NewReader()
	if err != nil {
		t.Fatal(err)
	}
	if s := r.Read("hi"); s.Small != Greeting || s.Lang != "" {
		t.Errorf("hi: %+v", s)
	}
	if s := r.Read("Guten Tag"); s.Small != Greeting || s.Lang != "de" {
		t.Errorf("Guten Tag: %+v", s)
	}
}

func TestReader_ClosingWordsAreThanks(t *testing.T) {
	t.Parallel()
	r, err := NewReader()
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{
		"thanks, that worked", "perfect, works now", "ok got it", "that fixed it!!", "Super, jetzt funktioniert es", "C'est bon, merci",
		"Ya funciona, gracias", "Ora funziona, grazie mille", "Já está resolvido", "Gelukt, bedankt", "Już działa, dziękuję", "Tamam, hallettim", "تم حل المشكلة شكرا", "直りました、ありがとうございます", "好的，搞定了谢谢",
	} {
		if got := r.Read(text); got.Small != Thanks {
			t.Errorf("%q: %+v", text, got)
		}
	}
	for _, text := range []string{"that worked for a day, then it broke again", "it works but leaks", "works now, but how do I clean it?", "got it wrong", "fixed price?", "funktioniert nicht", "ça marche pas"} {
		if got := r.Read(text); got.Small != NoSmall {
			t.Errorf("%q is taken for thanks: %+v", text, got)
		}
	}
}

func TestReader_NodsAreNothingElse(t *testing.T) {
	t.Parallel()
	r, err := NewReader()
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"ok", "Okay.", "great!", "alright, cool", "Alles klar", "d'accord", "vale", "va bene", "tá bom", "oké", "dobrze", "tamam", "حسنا", "はい", "好的"} {
		if !r.Nods(text) {
			t.Errorf("%q is no nod", text)
		}
	}
	for _, text := range []string{"", "ok and the K1?", "great, how much is it", "please", "no", "好的，怎么退货"} {
		if r.Nods(text) {
			t.Errorf("%q is a nod", text)
		}
	}
}

func TestReader_EndingsAreNotSearchedFor(t *testing.T) {
	t.Parallel()
	r, err := NewReader()
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{
		"no thanks, that's all", "Thanks, nothing else!", "ok then I'll wait", "no thats all thanks", "bye!", "thanks, bye",
		"danke, sonst nichts", "Danke, dann warte ich.", "nein danke, das war's", "Ok, dann warte ich noch. Danke!",
		"non merci, c'est tout", "merci, rien d'autre", "d'accord, alors j'attends", "merci, bonne journée",
		"no gracias, eso es todo", "gracias, nada más", "vale, entonces espero, gracias",
		"no grazie, basta così", "grazie, nient'altro", "va bene, allora aspetto", "não, obrigado, é só isso", "obrigada, mais nada", "ok, então vou esperar",
		"nee bedankt, dat was alles", "dank je, verder niets", "oké dan wacht ik", "nie, dziękuję, to wszystko", "dzięki, nic więcej", "dobrze, w takim razie poczekam",
		"hayır, teşekkürler, bu kadar", "teşekkürler, başka bir şey yok", "tamam, o zaman bekliyorum", "لا شكرا، هذا كل شيء", "شكرا، لا شيء آخر", "حسنا، إذن سأنتظر",
		"いいえ、以上です。ありがとうございました", "ありがとう、他にはありません", "では待ちます。ありがとうございます", "不用了，谢谢", "谢谢，没有别的了", "好的，那我等着",
	} {
		if got := r.Read(text); got.Small != Ending {
			t.Errorf("%q: %+v", text, got)
		}
	}
	for _, text := range []string{
		"thanks, that's all I got, and it leaks", "no", "nothing happens when I press it", "how long do I have to wait?", "I've waited three weeks",
		"that's all wrong", "nein danke", "es kommt nichts mehr raus", "dann warte ich wie lange?", "rien ne marche", "ya no funciona nada", "不用咖啡机可以退吗",
	} {
		if got := r.Read(text); got.Small == Ending {
			t.Errorf("%q is taken for an ending", text)
		}
	}
}

func TestReader_ChatIsAboutNothingOfTheSites(t *testing.T) {
	t.Parallel()
	r, err := NewReader()
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{
		"are you a robot?", "Am I talking to a human?", "lol nice website", "how are you today?", "hello, are you a bot or a real person??", "who are you", "is this a bot?",
		"Bist du ein Roboter?", "Spreche ich mit einem Menschen?", "Hallo, wie geht es Ihnen heute?", "schöne Webseite", "Êtes-vous un robot ?", "je parle à une vraie personne ?", "comment allez-vous ?",
		"¿Eres un robot?", "¿Estoy hablando con una persona real?", "¿cómo está?", "Sei un robot?", "sto parlando con una persona?", "come stai?", "Você é um robô?", "estou a falar com uma pessoa?",
		"Ben je een robot?", "Praat ik met een mens?", "hoe gaat het?", "Czy jesteś robotem?", "czy rozmawiam z człowiekiem?", "Robot musun?", "Gerçek bir insanla mı konuşuyorum?", "nasılsın?",
		"هل أنت روبوت؟", "هل أتحدث مع شخص حقيقي؟", "كيف حالك؟", "ロボットですか？", "あなたは人間ですか？", "お元気ですか", "你是机器人吗？", "你是真人吗", "您好，你是真人还是机器人？",
	} {
		if got := r.Read(text); got.Small != Chat || got.WantsPerson {
			t.Errorf("%q: %+v", text, got)
		}
	}
	for _, text := range []string{
		"I want to talk to a human", "human please", "not a robot, a person please", "is the S3 a machine with a grinder?", "how are you going to refund me?", "your website is down", "nice website but the checkout is broken",
		"Ich will mit einem Menschen sprechen", "je veux parler à une vraie personne", "Quiero hablar con una persona real", "insanla görüşmek istiyorum", "人間と話したいです", "转人工",
		"who are you using for delivery?", "is it a robot mower?", "what is your name on the bank statement",
	} {
		if got := r.Read(text); got.Small == Chat {
			t.Errorf("%q is taken for small talk", text)
		}
	}
}
