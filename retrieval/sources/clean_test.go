package sources

import (
	"strings"
	"testing"
)

func TestCleanMarkup(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, in, want string
		mdx            bool
	}{
		{name: "plain text is left alone", in: "a  \n\n\nb\n\n    code", want: "a  \n\n\nb\n\n    code"},
		{name: "a comment", in: "a\n\n<!-- hidden -->\n\nb", want: "a\n\n\nb"},
		{name: "a comment over lines", in: "a\n<!-- one\ntwo -->\nb", want: "a\nb"},
		{name: "a comment within a line", in: "a <!-- x --> b <!--y--> c", want: "a  b  c"},
		{name: "a comment from one line to the next", in: "a <!-- x\ny --> b", want: "a \n b"},
		{name: "a comment in fenced code stays", in: "```\n<!-- x -->\n```", want: "```\n<!-- x -->\n```"},
		{name: "a comment in a code span stays", in: "write `<!-- x -->` here <!-- not here -->.", want: "write `<!-- x -->` here ."},
		{name: "a lone backtick hides no comment", in: "it`s <!-- secret --> open", want: "it`s  open"},
		{name: "an opened comment behind words is text", in: "use <!-- to begin\nmore", want: "use <!-- to begin\nmore"},
		{name: "a comment that holds a fence", in: "a\n<!--\n```\n-->\nb", want: "a\nb"},
		{name: "attribute lines of kramdown", in: "Steps:\n\n{: .number-list}\n\n1. One\n{:#id .class}\n2. Two", want: "Steps:\n\n\n1. One\n2. Two"},
		{name: "attributes behind a link", in: `see [this](/x){:class="a" target="_blank"} now`, want: "see [this](/x) now"},
		{name: "attributes in code stay", in: "`[a](b){:c}`\n\n~~~\n{: .x}\n~~~", want: "`[a](b){:c}`\n\n~~~\n{: .x}\n~~~"},
		{name: "braces of prose stay", in: "a {: b", want: "a {: b"},
		{name: "hints of GitBook", in: "{% hint style=\"info\" %}\nMind this.\n{% endhint %}", want: "Mind this."},
		{name: "the title of a tab stays in bold", in: "{% tabs %}\n{% tab title=\"Windows\" %}\nClick.\n{% endtab %}\n{% endtabs %}", want: "**Windows**\n\nClick."},
		{name: "indented tags", in: "1. a\n   {% hint style=\"info\" %}\n   b\n   {% endhint %}", want: "1. a\n   b"},
		{name: "includes of Jekyll", in: "a\n\n{% include alert.html type=\"warning\" %}\n\nb", want: "a\n\n\nb"},
		{name: "tags of a template in prose stay", in: "{% if customer %}\nuse it {% endhint %} so", want: "{% if customer %}\nuse it {% endhint %} so"},
		{name: "tags in code stay", in: "```liquid\n{% include x %}\n```", want: "```liquid\n{% include x %}\n```"},
		{name: "capitals are text outside MDX", in: "<Note>\na\n</Note>", want: "<Note>\na\n</Note>"},

		{name: "imports and exports", mdx: true, in: "import A from 'a'\nimport { B,\n  C } from \"b\"\n\nexport const x = {\n  y: 1,\n}\n\nimport your contacts first.\n\nText", want: "import your contacts first.\n\nText"},
		{name: "a sentence that begins with export", mdx: true, in: "export your data from the menu", want: "export your data from the menu"},
		{name: "component tags", mdx: true, in: "<Note>\nMind this.\n</Note>\n\nAn <Icon name=\"x\" /> icon", want: "Mind this.\n\nAn  icon"},
		{name: "a component's title stays in bold", mdx: true, in: "<Accordion title=\"Is it free?\">\n  Yes.\n</Accordion>", want: "**Is it free?**\n\nYes."},
		{name: "a tag over several lines", mdx: true, in: "<Card\n  title=\"Quick start\"\n  icon={`x`}\n  href=\"/a\"\n>\n  Go.\n</Card>", want: "**Quick start**\n\nGo."},
		{name: "what is no component stays", mdx: true, in: "Send <Your name> and <b>this</b> to `<Note>` a </Note>", want: "Send <Your name> and <b>this</b> to `<Note>` a"},
		{name: "comments", mdx: true, in: "a {/* hidden\nwords */} b", want: "a  b"},
		{name: "code in MDX stays", mdx: true, in: "```jsx\nimport A from 'a'\n<Note>\n  x\n</Note>\n```", want: "```jsx\nimport A from 'a'\n<Note>\n  x\n</Note>\n```"},
		{name: "indentation within components goes, that of lists stays", mdx: true, in: "<Steps>\n    <Step>\n    - a\n\n      more of a\n\n      - b\n\n    Then:\n\n    ```sh\n      x\n    ```\n    </Step>\n</Steps>", want: "- a\n\n  more of a\n\n  - b\n\nThen:\n\n```sh\n  x\n```"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, unclosed := cleanMarkup(tt.in, tt.mdx)
			if got != tt.want || unclosed != 0 {
				t.Errorf("got  %q (unclosed %d)\nwant %q", got, unclosed, tt.want)
			}
		})
	}
}

func TestMarkdown_AnUnclosedCommentIsSaid(t *testing.T) {
	t.Parallel()
	articles, probs := one(t, "x.md", "---\nid: a\n---\ntext\n\n<!-- left open\n\nhidden words\n")
	if len(articles) != 1 || articles[0].Body != "text" {
		t.Fatalf("articles %+v", articles)
	}
	if len(probs) != 1 || probs[0].Line != 6 || !probs[0].Warning || !strings.Contains(probs[0].Message, "never closed") {
		t.Errorf("problems %v", probs)
	}
}
