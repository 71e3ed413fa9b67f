// Sightseeing flights: the day sheet of an airfield, as the tower and the ticket booth print it.
package main

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"log"
	"math"
	"math/big"
	"net/http"
	"net/mail"
	"net/url"
	"os"
	"regexp"
	"runtime/debug"
	"sort"
	"strconv"
	"strings"
	"text/template"
	"time"
	"unicode"
)

type Booking struct {
	Ref     string
	Email   string
	Seats   int
	Weights []float64
	Off     time.Time
	Route   string
	Price   *big.Rat
	Plane   string
	Phone   string
}

type Line struct {
	Ref     string            `json:"ref"`
	Slot    string            `json:"slot"`
	Local   string            `json:"local"`
	Contact string            `json:"contact"`
	Phone   string            `json:"phone"`
	Plane   string            `json:"plane"`
	Weight  string            `json:"weight"`
	Trim    float64           `json:"trim"`
	Km      float64           `json:"km"`
	Due     string            `json:"due"`
	Text    string            `json:"text"`
	Check   string            `json:"check"`
	Links   map[string]string `json:"links"`
}

var (
	refForm   = regexp.MustCompile(`^([A-Z]{2})-(\d{5})$`)
	planeForm = regexp.MustCompile(`^D-[EKG][A-Z]{3}$`)
	slip      = template.Must(template.New("slip").Parse(
		`{{.Ref}}: {{.Seats}} seats, {{.Route}}, {{printf "%.0f" .Kg}} kg{{if .Heavy}} (weigh again){{end}}`))
	routes = map[string][][2]float64{
		"lakes":  {{47.66, 9.48}, {47.58, 9.55}, {47.69, 9.18}, {47.66, 9.48}},
		"castle": {{47.66, 9.48}, {47.83, 9.42}, {47.91, 9.75}, {47.66, 9.48}},
		"alps":   {{47.66, 9.48}, {47.35, 9.72}, {47.25, 9.34}, {47.42, 9.38}, {47.66, 9.48}},
	}
	zone = time.FixedZone("CEST", 2*3600)
	key  = []byte("booth-4")
)

func parse(rec []string) (Booking, error) {
	if len(rec) != 9 {
		return Booking{}, errors.New("short record")
	}
	b := Booking{Ref: strings.ToUpper(strings.TrimSpace(rec[0])), Route: strings.ToLower(rec[5]), Plane: rec[7], Phone: rec[8]}
	if !refForm.MatchString(b.Ref) || !planeForm.MatchString(b.Plane) {
		return b, fmt.Errorf("%s: reference or plane", b.Ref)
	}
	addr, err := mail.ParseAddress(rec[1])
	if err != nil {
		return b, fmt.Errorf("%s: %w", b.Ref, err)
	}
	b.Email = addr.Address
	if b.Seats, err = strconv.Atoi(rec[2]); err != nil {
		return b, err
	}
	for _, kg := range strings.Split(rec[3], "/") {
		v, err := strconv.ParseFloat(kg, 64)
		if err != nil {
			return b, err
		}
		b.Weights = append(b.Weights, v)
	}
	if b.Off, err = time.Parse(time.RFC3339, rec[4]); err != nil {
		return b, err
	}
	price, ok := new(big.Rat).SetString(rec[6])
	if !ok {
		return b, errors.New("price")
	}
	b.Price = price
	return b, nil
}

func phone(raw string) string {
	digits := strings.Map(func(r rune) rune {
		if unicode.IsDigit(r) {
			return r
		}
		return -1
	}, raw)
	if len(digits) < 7 {
		return raw
	}
	return "+49 " + digits[1:4] + " " + digits[4:]
}

func distance(points [][2]float64) (km float64) {
	for i := 1; i < len(points); i++ {
		a, b := points[i-1], points[i]
		x := (b[1] - a[1]) * math.Cos((a[0]+b[0])*math.Pi/360)
		km += math.Hypot(x, b[0]-a[0]) * 111.2
	}
	return math.Round(km*10) / 10
}

func trim(weights []float64) (total, moment float64) {
	for i, kg := range weights {
		total += kg
		moment += kg * (2.1 + 0.8*float64(i/2))
	}
	return total, math.Round(moment/math.Max(total, 1)*1000) / 1000
}

func due(b Booking) string {
	sum := new(big.Rat).Mul(b.Price, big.NewRat(int64(b.Seats), 1))
	if b.Seats >= 3 {
		sum.Mul(sum, big.NewRat(95, 100))
	}
	return sum.FloatString(2)
}

func sign(b Booking) string {
	mac := hmac.New(sha256.New, key)
	fmt.Fprintf(mac, "%s|%d|%d", b.Ref, b.Seats, b.Off.Unix())
	return base32.StdEncoding.EncodeToString(mac.Sum(nil)[:10])
}

func links(b Booking, check string) map[string]string {
	q := url.Values{"ref": {b.Ref}, "c": {check}, "mail": {b.Email}}
	u := url.URL{Scheme: "https", Host: "flights.example", Path: "/b/" + b.Ref, RawQuery: q.Encode()}
	change := u
	change.Path += "/change"
	return map[string]string{"view": u.String(), "change": change.String()}
}

func contact(email string) string {
	name, host, _ := strings.Cut(email, "@")
	words := strings.FieldsFunc(name, func(r rune) bool { return r == '.' || r == '_' })
	for i, w := range words {
		words[i] = strings.ToUpper(w[:1]) + w[1:]
	}
	return strings.Join(words, " ") + " <" + name + "@" + host + ">"
}

func present(b Booking) (Line, error) {
	total, arm := trim(b.Weights)
	var text bytes.Buffer
	err := slip.Execute(&text, map[string]any{"Ref": b.Ref, "Seats": b.Seats, "Route": b.Route, "Kg": total, "Heavy": total > 240})
	if err != nil {
		return Line{}, err
	}
	check := sign(b)
	return Line{
		Ref: b.Ref, Slot: b.Off.Truncate(20 * time.Minute).Format("15:04"), Local: b.Off.In(zone).Format(time.RFC1123),
		Contact: contact(b.Email), Phone: phone(b.Phone), Plane: strings.ReplaceAll(b.Plane, "-", ""),
		Weight: strconv.FormatFloat(total, 'f', 1, 64) + " kg", Trim: arm, Km: distance(routes[b.Route]),
		Due: due(b), Text: text.String(), Check: check, Links: links(b, check),
	}, nil
}

type Field struct{ days map[string]string }

func (f *Field) Sheet(day string) ([]Line, error) {
	records, err := csv.NewReader(strings.NewReader(f.days[day])).ReadAll()
	if err != nil {
		return nil, err
	}
	lines := make([]Line, 0, len(records))
	for _, rec := range records {
		b, err := parse(rec)
		if err != nil {
			return nil, err
		}
		line, err := present(b)
		if err != nil {
			return nil, err
		}
		lines = append(lines, line)
	}
	sort.SliceStable(lines, func(i, j int) bool {
		if lines[i].Slot != lines[j].Slot {
			return lines[i].Slot < lines[j].Slot
		}
		return lines[i].Ref < lines[j].Ref
	})
	return lines, nil
}

func (f *Field) handleSheet(w http.ResponseWriter, r *http.Request) {
	lines, err := f.Sheet(r.PathValue("day"))
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	body, err := json.Marshal(map[string]any{"day": r.PathValue("day"), "lines": lines})
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("ETag", fmt.Sprintf(`"%08x"`, crc32.ChecksumIEEE(body)))
	w.Write(body)
}

func book(n int) string {
	var out strings.Builder
	names, planes := []string{"ada.lind", "bo_marx", "cleo.von.au", "dirk.hahn"}, []string{"D-EABC", "D-KLMN", "D-GXYZ"}
	routeNames := []string{"lakes", "Castle", "ALPS"}
	for i := range n {
		off := time.Date(2026, 6, 20, 6, (i*7)%720, 0, 0, time.UTC)
		fmt.Fprintf(&out, "fs-%05d,\"%s <%s%d@post.example>\",%d,%d.5/%d/%d.2,%s,%s,%d.90,%s,0171 / %07d\n", 10000+i*13%80000,
			"Guest", names[i%4], i, 1+i%3, 60+i%40, 55+i%50, 70+i%30, off.Format(time.RFC3339), routeNames[i%3], 79+i%60, planes[i%3], 1000000+i*3571)
	}
	return out.String()
}

func main() {
	debug.SetGCPercent(300)
	f := &Field{days: map[string]string{"2026-06-20": book(1500), "2026-06-21": book(420)}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	mux.HandleFunc("GET /days/{day}/sheet", f.handleSheet)
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), mux))
}
