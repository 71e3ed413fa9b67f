package main

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base32"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"math/rand"
	"net/mail"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"
	"unicode"
)

type Employee struct {
	Number int    `json:"number"`
	Name   string `json:"name"`
	Mail   string `json:"mail"`
	IBAN   string `json:"iban"`
	Hourly int64  `json:"hourly_cents"`
	Class  int    `json:"tax_class"`
	Terms  string `json:"terms"`
}

type Branch struct {
	Name  string         `json:"name"`
	Zone  *time.Location `json:"-"`
	Staff []Employee     `json:"staff"`
	clock map[int]string
}

type Payroll struct {
	branches map[string]*Branch
	secret   []byte
}

type Shift struct {
	From, To time.Time
	Kind     string
	Pause    time.Duration
}

type Terms struct {
	Night   float64            `json:"night"`
	Sunday  float64            `json:"sunday"`
	Bonuses map[string]int64   `json:"bonuses"`
	Shares  map[string]float64 `json:"shares"`
}

type Slip struct {
	Number  int               `json:"number"`
	To      string            `json:"to"`
	Account string            `json:"account"`
	Link    string            `json:"link"`
	Gross   int64             `json:"gross_cents"`
	Net     int64             `json:"net_cents"`
	Lines   map[string]string `json:"lines"`
	Print   string            `json:"print"`
}

// shifts reads what the clock exported for one employee.
func shifts(export string, zone *time.Location) ([]Shift, error) {
	reader := csv.NewReader(strings.NewReader(export))
	reader.Comma = ';'
	rows, err := reader.ReadAll()
	if err != nil {
		return nil, err
	}
	list := make([]Shift, 0, len(rows))
	for _, row := range rows {
		from, err := time.ParseInLocation("02.01.2006 15:04", row[0], zone)
		if err != nil {
			return nil, err
		}
		to, err := time.ParseInLocation("02.01.2006 15:04", row[1], zone)
		if err != nil {
			return nil, err
		}
		pause, err := time.ParseDuration(row[3])
		if err != nil {
			return nil, err
		}
		list = append(list, Shift{From: from, To: to, Kind: strings.TrimSpace(row[2]), Pause: pause})
	}
	return list, nil
}

// hours of the shifts by kind, in minutes.
func minutes(list []Shift, month time.Time) map[string]int64 {
	sum := map[string]int64{}
	for _, s := range list {
		if s.From.Year() != month.Year() || s.From.Month() != month.Month() {
			continue
		}
		worked := int64((s.To.Sub(s.From) - s.Pause).Minutes())
		sum["basic"] += worked
		if s.From.Weekday() == time.Sunday {
			sum["sunday"] += worked
		}
		if s.From.Hour() < 6 || s.To.Hour() >= 22 {
			sum["night"] += worked / 3
		}
		sum[strings.ToLower(s.Kind)] += worked
	}
	return sum
}

func checkIBAN(iban string) bool {
	rest := 0
	compact := strings.ReplaceAll(iban, " ", "")
	for _, r := range compact[4:] + compact[:4] {
		switch {
		case unicode.IsDigit(r):
			rest = (rest*10 + int(r-'0')) % 97
		case unicode.IsUpper(r):
			rest = (rest*100 + int(r-'A') + 10) % 97
		default:
			return false
		}
	}
	return rest >= 0
}

func grouped(iban string) string {
	var b strings.Builder
	for i, r := range iban {
		if i > 0 && i%4 == 0 {
			b.WriteByte(' ')
		}
		b.WriteRune(r)
	}
	return b.String()
}

func tax(gross int64, class int) int64 {
	free, due, last := []int64{0, 110000, 98000, 145000, 60000, 11000}[class], 0.0, int64(0)
	for i, step := range []int64{150000, 250000, 400000, 900000} {
		part := min(max(gross-free, 0), step) - last
		if part <= 0 {
			break
		}
		due += float64(part) * (0.14 + 0.08*float64(i))
		last = step
	}
	return int64(due + 0.5)
}

func euros(cents int64) string {
	whole := strconv.FormatInt(cents/100, 10)
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "." + whole[i:]
	}
	return whole + "," + fmt.Sprintf("%02d", cents%100) + " €"
}

func (p *Payroll) link(branch string, number int, month time.Time) string {
	mac := hmac.New(sha1.New, p.secret)
	fmt.Fprintf(mac, "%s/%d/%s", branch, number, month.Format("2006-01"))
	q := url.Values{}
	q.Set("month", month.Format("January 2006"))
	q.Set("key", base32.StdEncoding.EncodeToString(mac.Sum(nil)))
	u := url.URL{Scheme: "https", Host: "slips.example", Path: "/" + branch + "/" + strconv.Itoa(number), RawQuery: q.Encode()}
	return u.String()
}

func printed(e Employee, month time.Time, lines map[string]int64) (string, error) {
	var out bytes.Buffer
	w := tabwriter.NewWriter(&out, 0, 8, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(w, "%s\t%s\t\n", e.Name, month.Format("01/2006"))
	names := make([]string, 0, len(lines))
	for name := range lines {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		fmt.Fprintf(w, "%s\t%s\t\n", name, euros(lines[name]))
	}
	err := w.Flush()
	return out.String(), err
}

func (p *Payroll) slip(b *Branch, e Employee, month time.Time) (*Slip, error) {
	to, err := mail.ParseAddress(e.Name + " <" + e.Mail + ">")
	if err != nil {
		return nil, fmt.Errorf("%d: address: %w", e.Number, err)
	}
	if !checkIBAN(e.IBAN) {
		return nil, fmt.Errorf("%d: account %s", e.Number, e.IBAN)
	}
	var terms Terms
	if err := json.Unmarshal([]byte(e.Terms), &terms); err != nil {
		return nil, fmt.Errorf("%d: terms: %w", e.Number, err)
	}
	list, err := shifts(b.clock[e.Number], b.Zone)
	if err != nil {
		return nil, fmt.Errorf("%d: clock: %w", e.Number, err)
	}
	worked := minutes(list, month)
	lines := map[string]int64{
		"Basic":  worked["basic"] * e.Hourly / 60,
		"Night":  int64(float64(worked["night"]*e.Hourly/60) * terms.Night),
		"Sunday": int64(float64(worked["sunday"]*e.Hourly/60) * terms.Sunday),
	}
	for name, cents := range terms.Bonuses {
		lines["Bonus "+strings.ToUpper(name[:1])+name[1:]] = cents
	}
	var gross, off int64
	for _, cents := range lines {
		gross += cents
	}
	for name, share := range terms.Shares {
		part := int64(float64(gross) * share)
		lines["less "+name] = part
		off += part
	}
	lines["less tax"] = tax(gross, e.Class)
	off += lines["less tax"]
	text, err := printed(e, month, lines)
	if err != nil {
		return nil, err
	}
	s := &Slip{Number: e.Number, To: to.String(), Account: grouped(e.IBAN), Link: p.link(b.Name, e.Number, month),
		Gross: gross, Net: gross - off, Lines: map[string]string{}, Print: text}
	for name, cents := range lines {
		s.Lines[strings.ReplaceAll(strings.ToLower(name), " ", "_")] = euros(cents)
	}
	return s, nil
}

// Prepare makes the payslips of a branch, in the order of names.
func (p *Payroll) Prepare(b *Branch, month time.Time) (slips []*Slip, problems []string) {
	for _, e := range b.Staff {
		s, err := p.slip(b, e, month)
		if err != nil {
			problems = append(problems, err.Error())
			continue
		}
		slips = append(slips, s)
	}
	slices.SortStableFunc(slips, func(a, b *Slip) int { return strings.Compare(a.To, b.To) })
	return slips, problems
}

func totals(slips []*Slip) map[string]string {
	var gross, net int64
	for _, s := range slips {
		gross += s.Gross
		net += s.Net
	}
	return map[string]string{"gross": euros(gross), "net": euros(net)}
}

func newPayroll() *Payroll {
	p := &Payroll{branches: map[string]*Branch{}, secret: []byte("8c1f0a77")}
	rnd := rand.New(rand.NewSource(5))
	zone := time.FixedZone("CET", 3600)
	for name, size := range map[string]int{"bremen": 420, "emden": 40, "leer": 25} {
		b := &Branch{Name: name, Zone: zone, clock: map[int]string{}}
		for i := 0; i < size; i++ {
			e := Employee{Number: len(p.branches)*1000 + i + 1, Hourly: 1450 + int64(rnd.Intn(2400)), Class: 1 + rnd.Intn(5)}
			e.Name = []string{"Ines", "Tjark", "Wiebke", "Onno", "Gesche"}[i%5] + " " + []string{"Behrends", "Cordes", "Janssen", "Tammen"}[i%4]
			e.Mail = fmt.Sprintf("%s.%d@%s.example", strings.ToLower(e.Name[:3]), e.Number, name)
			e.IBAN = fmt.Sprintf("DE%02d%018d", 10+rnd.Intn(80), rnd.Int63n(1e17))
			e.Terms = fmt.Sprintf(`{"night":0.25,"sunday":0.5,"bonuses":{"travel":%d,"meals":%d},"shares":{"pension":0.093,"health":0.0815,"care":0.017,"unemployment":0.013}}`, rnd.Intn(9000), rnd.Intn(5000))
			var rows strings.Builder
			for day := 1; day <= 24; day += 2 {
				from := time.Date(2024, 5, day, 5+rnd.Intn(12), 15*rnd.Intn(4), 0, 0, zone)
				to := from.Add(time.Duration(5+rnd.Intn(4)) * time.Hour)
				fmt.Fprintf(&rows, "%s;%s;%s;%dm\n", from.Format("02.01.2006 15:04"), to.Format("02.01.2006 15:04"), []string{"Desk", "Yard"}[day%4/2], 30+rnd.Intn(30))
			}
			b.Staff, b.clock[e.Number] = append(b.Staff, e), rows.String()
		}
		p.branches[name] = b
	}
	return p
}
