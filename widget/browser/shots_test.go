package browser_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"frontdesk/internal/stage"
)

var (
	shotsOut = flag.String("shots", "", "folder that TestShots keeps its pictures in")
	redraw   = flag.Bool("redraw", false, "TestShots writes down what it sees instead of comparing")
)

// How far a screen may be from the one that was looked at. Machines have other
// fonts, so that words are as wide as they are and break where they do: pixels are
// not compared. What is compared are the places of the parts that hold a screen
// together, and the mean colour of each field of a grid: words average out in it,
// and a part that is gone, white where it should be dark, or on the wrong side
// does not.
const (
	gridWide, gridHigh = 8, 10
	placeOff           = 14 // pixels that a part may be moved or grown
	partOff            = 20 // per cent that it may be higher, where its words break elsewhere
	meanOff            = 10 // of 255: mean difference over all fields
	fieldOff           = 90 // of 255: of a single field
)

// shot is what is kept of a picture.
type shot struct {
	Boxes map[string][4]int `json:"boxes,omitempty"` // x, y, width, height of a part
	Grid  []string          `json:"grid"`            // rows of fields, each rrggbb
}

// TestShots looks at every state in every shape: is it as it was when somebody
// looked at it last? After a change that is meant: make shots, look, -redraw.
func TestShots(t *testing.T) {
	with := stage.Need(t, ".")
	base, _ := newScripted(t)
	out := *shotsOut
	if out == "" {
		out = t.TempDir()
	}
	_ = os.Remove(filepath.Join(out, "boxes.jsonl")) // of an earlier run
	with.Run(t, stage.Play{Base: base, Control: base + "/control", Set: "shots", Out: out, Only: *only})
	seen := readShots(t, out)
	if *shotsOut != "" {
		sheets(t, out)
	}
	const kept = "shots.json"
	if *redraw {
		raw, err := json.MarshalIndent(seen, "", " ")
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(kept, append(raw, '\n'), 0o644); err != nil { //nolint:gosec // a file of the project
			t.Fatal(err)
		}
		return
	}
	raw, err := os.ReadFile(kept)
	if err != nil {
		t.Fatal(err)
	}
	var want map[string]shot
	if err := json.Unmarshal(raw, &want); err != nil {
		t.Fatal(err)
	}
	for _, name := range slices.Sorted(maps.Keys(want)) {
		got, ok := seen[name]
		if !ok {
			if *only == "" {
				t.Errorf("%s: no picture", name)
			}
			continue
		}
		for _, d := range differences(want[name], got) {
			t.Errorf("%s: %s", name, d)
		}
	}
	for name := range seen {
		if _, ok := want[name]; !ok {
			t.Errorf("%s: nobody has looked at it: make shots, then -redraw", name)
		}
	}
}

func TestDifferences_SeeWhatIsWrong(t *testing.T) {
	t.Parallel()
	row := func(field string) string { return strings.Repeat(field, gridWide) }
	looked := shot{Boxes: map[string][4]int{".head": {0, 0, 400, 64}}, Grid: slices.Repeat([]string{row("ffffff")}, gridHigh)}
	with := func(change func(s *shot)) shot {
		s := shot{Boxes: maps.Clone(looked.Boxes), Grid: slices.Clone(looked.Grid)}
		change(&s)
		return s
	}
	for _, tt := range []struct {
		name string
		got  shot
		want int
	}{
		{"the same", looked, 0},
		{"words that break elsewhere", with(func(s *shot) { s.Boxes[".head"] = [4]int{0, 0, 400, 76}; s.Grid[3] = row("e8e8e8") }), 0},
		{"a part that is gone", with(func(s *shot) { delete(s.Boxes, ".head") }), 1},
		{"a part that is elsewhere", with(func(s *shot) { s.Boxes[".head"] = [4]int{40, 0, 400, 64} }), 1},
		{"a part that is new", with(func(s *shot) { s.Boxes[".menu"] = [4]int{0, 0, 10, 10} }), 1},
		{"a field that is dark", with(func(s *shot) { s.Grid[0] = "000000" + row("ffffff")[6:] }), 1},
		{"everything a little darker", with(func(s *shot) { s.Grid = slices.Repeat([]string{row("f0f0f0")}, gridHigh) }), 1},
	} {
		if got := differences(looked, tt.got); len(got) != tt.want {
			t.Errorf("%s: %v", tt.name, got)
		}
	}
}

func differences(want, got shot) (out []string) {
	for _, part := range slices.Sorted(maps.Keys(want.Boxes)) {
		w, g := want.Boxes[part], got.Boxes[part]
		if _, ok := got.Boxes[part]; !ok {
			out = append(out, part+" is not there")
			continue
		}
		for i, name := range []string{"x", "y", "width", "height"} {
			most := placeOff
			if i%2 == 1 { // along the page
				most = max(most, partOff*want.Boxes[part][3]/100)
			}
			if d := g[i] - w[i]; d > most || -d > most {
				out = append(out, fmt.Sprintf("%s: its %s is %d, was %d", part, name, g[i], w[i]))
				break
			}
		}
	}
	for _, part := range slices.Sorted(maps.Keys(got.Boxes)) {
		if _, ok := want.Boxes[part]; !ok {
			out = append(out, part+" was not there")
		}
	}
	sum, n := 0, 0
	for y := range want.Grid {
		for x := 0; x+6 <= len(want.Grid[y]) && y < len(got.Grid) && x+6 <= len(got.Grid[y]); x += 6 {
			d := apart(want.Grid[y][x:x+6], got.Grid[y][x:x+6])
			sum, n = sum+d, n+1
			if d > fieldOff {
				return append(out, fmt.Sprintf("field %d,%d is #%s, was #%s", x/6, y, got.Grid[y][x:x+6], want.Grid[y][x:x+6]))
			}
		}
	}
	if n < gridWide*gridHigh || sum/n > meanOff {
		out = append(out, fmt.Sprintf("%d fields differ by %d on the whole", n, sum/max(n, 1)))
	}
	return out
}

func apart(a, b string) (most int) {
	var x, y [3]int
	_, errA := fmt.Sscanf(a, "%02x%02x%02x", &x[0], &x[1], &x[2])
	_, errB := fmt.Sscanf(b, "%02x%02x%02x", &y[0], &y[1], &y[2])
	if errors.Join(errA, errB) != nil {
		return 255
	}
	for i := range x {
		most = max(most, x[i]-y[i], y[i]-x[i])
	}
	return most
}

// readShots reads the pictures of a run, and the places that go with them.
func readShots(t *testing.T, dir string) map[string]shot {
	t.Helper()
	seen := map[string]shot{}
	names, err := filepath.Glob(filepath.Join(dir, "*.png"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if base := strings.TrimSuffix(filepath.Base(name), ".png"); !strings.HasPrefix(base, "sheet-") {
			seen[base] = shot{Grid: gridOf(readPNG(t, name))}
		}
	}
	raw, err := os.ReadFile(filepath.Join(dir, "boxes.jsonl")) //nolint:gosec // the test's own
	if err != nil {
		t.Fatal(err)
	}
	for lines := bufio.NewScanner(bytes.NewReader(raw)); lines.Scan(); {
		var line struct {
			Name  string
			Boxes map[string][4]int
		}
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
			t.Fatal(err)
		}
		s := seen[line.Name]
		s.Boxes = line.Boxes
		seen[line.Name] = s
	}
	return seen
}

func readPNG(t *testing.T, name string) image.Image {
	t.Helper()
	f, err := os.Open(name) //nolint:gosec // the test's own
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	img, err := png.Decode(f)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return img
}

// gridOf is the mean colour of each field.
func gridOf(img image.Image) (rows []string) {
	b := img.Bounds()
	for y := range gridHigh {
		var row strings.Builder
		for x := range gridWide {
			c := mean(img, image.Rect(b.Dx()*x/gridWide, b.Dy()*y/gridHigh, b.Dx()*(x+1)/gridWide, b.Dy()*(y+1)/gridHigh))
			fmt.Fprintf(&row, "%02x%02x%02x", c.R, c.G, c.B)
		}
		rows = append(rows, row.String())
	}
	return rows
}

func mean(img image.Image, r image.Rectangle) color.RGBA {
	var red, green, blue, n uint64
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			cr, cg, cb, _ := img.At(x, y).RGBA()
			red, green, blue, n = red+uint64(cr>>8), green+uint64(cg>>8), blue+uint64(cb>>8), n+1
		}
	}
	if n == 0 {
		return color.RGBA{}
	}
	return color.RGBA{R: uint8(red / n), G: uint8(green / n), B: uint8(blue / n), A: 255} //nolint:gosec // means of bytes
}

// sheets puts all states of a shape on one picture, for people to look at.
func sheets(t *testing.T, dir string) {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "*.png"))
	if err != nil {
		t.Fatal(err)
	}
	byShape := map[string][]string{}
	for _, name := range names {
		base := strings.TrimSuffix(filepath.Base(name), ".png")
		for _, shape := range []string{"desk-dark", "desk", "phone-dark", "phone-rtl", "phone"} {
			if strings.HasSuffix(base, "-"+shape) && !strings.HasPrefix(base, "sheet-") {
				byShape[shape] = append(byShape[shape], name)
				break
			}
		}
	}
	for shape, files := range byShape {
		sheet(t, filepath.Join(dir, "sheet-"+shape+".png"), files)
	}
}

func sheet(t *testing.T, to string, files []string) {
	t.Helper()
	const perRow, gap = 5, 12
	var imgs []image.Image
	for _, name := range files {
		img := readPNG(t, name)
		if b := img.Bounds(); b.Dx() > 1000 { // of a wide page, the side that the chat is on
			img = img.(interface {
				SubImage(r image.Rectangle) image.Image
			}).SubImage(image.Rect(b.Max.X-460, b.Min.Y, b.Max.X, b.Max.Y))
		}
		imgs = append(imgs, img)
	}
	wide, high := imgs[0].Bounds().Dx()+gap, imgs[0].Bounds().Dy()+gap
	all := image.NewRGBA(image.Rect(0, 0, wide*perRow, high*((len(imgs)+perRow-1)/perRow)))
	draw.Draw(all, all.Bounds(), image.NewUniform(color.Gray{Y: 128}), image.Point{}, draw.Src)
	for i, img := range imgs {
		at := image.Pt(i%perRow*wide, i/perRow*high)
		draw.Draw(all, image.Rectangle{Min: at, Max: at.Add(img.Bounds().Size())}, img, img.Bounds().Min, draw.Src)
	}
	var b bytes.Buffer
	if err := png.Encode(&b, all); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(to, b.Bytes(), 0o644); err != nil { //nolint:gosec // for people
		t.Fatal(err)
	}
}
