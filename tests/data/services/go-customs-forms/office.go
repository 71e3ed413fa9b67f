package main

import (
	"encoding/csv"
	"fmt"
	"io"
	"math/big"
	"regexp"
	"sort"
	"strconv"
	"strings"
	"text/template"
	"unicode"
)

type Tariff struct {
	Code string `json:"code"`
	Text string `json:"text"`
	Duty string `json:"duty"`
	Unit string `json:"unit"`
}

type Goods struct {
	Line    int
	Code    string
	Text    string
	Origin  string
	Pieces  int
	NetKg   float64
	ValueCt int64
}

type Line struct {
	No     int     `json:"no"`
	Code   string  `json:"code"`
	Text   string  `json:"text"`
	Origin string  `json:"origin"`
	Mass   float64 `json:"mass_kg"`
	Value  string  `json:"value"`
	Duty   string  `json:"duty"`
	Tax    string  `json:"tax"`
}

var (
	codeForm   = regexp.MustCompile(`^\d{4}\.\d{2}(\.\d{2})?$`)
	originForm = regexp.MustCompile(`^(AT|BR|CN|DE|IN|JP|KR|MX|TR|US|VN)$`)
	spaces     = regexp.MustCompile(`\s+`)
)

var form = template.Must(template.New("form").Funcs(template.FuncMap{"pad": pad, "upper": strings.ToUpper}).Parse(
	`DECLARATION {{.Ref}}
{{range .Lines}}{{.No | printf "%04d"}} {{pad .Code 11}} {{.Origin | upper}} {{printf "%10.3f" .Mass}} {{pad .Value 12}} {{pad .Duty 10}} {{pad .Tax 10}}
{{end}}`))

func pad(s string, n int) string {
	if len(s) >= n {
		return s
	}
	return strings.Repeat(" ", n-len(s)) + s
}

// Office knows the tariff, the rates and the consignments at hand.
type Office struct {
	tariff map[string]Tariff
	rates  map[string]*big.Rat
	lists  map[string]string
}

func NewOffice() *Office {
	o := &Office{tariff: map[string]Tariff{}, lists: map[string]string{}, rates: map[string]*big.Rat{
		"EUR": big.NewRat(1, 1), "USD": big.NewRat(10837, 10000), "JPY": big.NewRat(16245, 100),
	}}
	words := []string{"bearing", "valve", "housing", "gasket", "lens", "cable", "shaft", "relay", "panel", "bracket"}
	var codes []string
	for i := 0; i < 180; i++ {
		t := Tariff{Code: fmt.Sprintf("%04d.%02d", 8401+i%80, 10+i*7%80), Text: words[i%10], Duty: fmt.Sprintf("%d.%d", i%9, i%4*25), Unit: "pce"}
		o.tariff[t.Code] = t
		codes = append(codes, t.Code)
	}
	origins := []string{"de", "CN", "jp", "TR", "in", "US", "vn"}
	for n := 1; n <= 3; n++ {
		var b strings.Builder
		for i := 0; i < 560*n; i++ {
			fmt.Fprintf(&b, "%d;%s;\"%s,  steel  %d mm \";%s;%d;%d,%03d;%d.%02d\n", i+1, codes[(i*n*31)%len(codes)], words[i%10],
				i%97+3, origins[i%7], i%40+1, i%130, i*7%1000, 15+i*37%900, i%100)
		}
		o.lists[fmt.Sprintf("C-%d07", n)] = b.String()
	}
	return o
}

func (o *Office) PackingList(ref string) (string, bool) {
	list, ok := o.lists[ref]
	return list, ok
}

func readGoods(list string) ([]Goods, error) {
	in := csv.NewReader(strings.NewReader(list))
	in.Comma = ';'
	var all []Goods
	for {
		rec, err := in.Read()
		if err == io.EOF {
			return all, nil
		}
		if err != nil {
			return nil, err
		}
		g := Goods{Code: rec[1], Text: spaces.ReplaceAllString(strings.TrimSpace(rec[2]), " "), Origin: strings.ToUpper(rec[3])}
		g.Line, _ = strconv.Atoi(rec[0])
		g.Pieces, _ = strconv.Atoi(rec[4])
		g.NetKg, _ = strconv.ParseFloat(strings.Replace(rec[5], ",", ".", 1), 64)
		euro, cent, _ := strings.Cut(rec[6], ".")
		e, _ := strconv.ParseInt(euro, 10, 64)
		c, _ := strconv.ParseInt(cent, 10, 64)
		g.ValueCt = e*100 + c
		all = append(all, g)
	}
}

// Check finds what the customs system would refuse.
func (o *Office) Check(goods []Goods) []string {
	var found []string
	seen := map[string]int{}
	for _, g := range goods {
		if !codeForm.MatchString(g.Code) {
			found = append(found, fmt.Sprintf("line %d: code", g.Line))
		}
		if !originForm.MatchString(g.Origin) {
			found = append(found, fmt.Sprintf("line %d: origin", g.Line))
		}
		if !strings.ContainsFunc(g.Text, unicode.IsLetter) {
			found = append(found, fmt.Sprintf("line %d: text", g.Line))
		}
		seen[fmt.Sprintf("%s/%s/%s/%d", g.Code, g.Origin, g.Text, g.Pieces)]++
	}
	for key, n := range seen {
		if n > 3 {
			found = append(found, "repeated "+key)
		}
	}
	sort.Strings(found)
	return found
}

func money(r *big.Rat) string { return r.FloatString(2) }

func (o *Office) Price(goods []Goods, currency string) []Line {
	rate, ok := o.rates[currency]
	if !ok {
		rate = o.rates["EUR"]
	}
	vat := big.NewRat(19, 100)
	lines := make([]Line, 0, len(goods))
	for _, g := range goods {
		value := new(big.Rat).Mul(big.NewRat(g.ValueCt, 100), rate)
		percent, _ := new(big.Rat).SetString(o.tariff[g.Code].Duty)
		duty := new(big.Rat).Mul(value, percent.Quo(percent, big.NewRat(100, 1)))
		tax := new(big.Rat).Mul(new(big.Rat).Add(value, duty), vat)
		lines = append(lines, Line{No: g.Line, Code: g.Code, Text: g.Text, Origin: strings.ToLower(g.Origin), Mass: g.NetKg,
			Value: money(value), Duty: money(duty), Tax: money(tax)})
	}
	sort.SliceStable(lines, func(i, j int) bool {
		if lines[i].Code != lines[j].Code {
			return lines[i].Code < lines[j].Code
		}
		return strings.ToLower(lines[i].Text) < strings.ToLower(lines[j].Text)
	})
	return lines
}

func (o *Office) Totals(lines []Line) map[string]string {
	duty, tax := new(big.Rat), new(big.Rat)
	for _, l := range lines {
		d, _ := new(big.Rat).SetString(l.Duty)
		t, _ := new(big.Rat).SetString(l.Tax)
		duty.Add(duty, d)
		tax.Add(tax, t)
	}
	return map[string]string{"duty": money(duty), "tax": money(tax)}
}

func (o *Office) Render(ref string, lines []Line) (string, error) {
	var b strings.Builder
	err := form.Execute(&b, map[string]any{"Ref": ref, "Lines": lines})
	return b.String(), err
}
