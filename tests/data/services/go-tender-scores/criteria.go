package main

import (
	"math"
	"strconv"
	"strings"
	"time"
	"unicode"
)

type Bid struct {
	Number, Bidder, Country, Phone, VAT, Terms string
	Price, Discount                            string
	Submitted, Starts, Ends                    string
	References                                 []string
	Staff                                      map[string]int
	Postcode                                   string
}

// Sheet holds what the criteria of one ranking share.
type Sheet struct {
	Weight   float64
	Lowest   float64
	Deadline time.Time
}

type Criterion interface {
	Score(b *Bid, s *Sheet) (float64, string)
}

type criterionFunc func(b *Bid, s *Sheet) (float64, string)

func (f criterionFunc) Score(b *Bid, s *Sheet) (float64, string) { return f(b, s) }

func newSheet(bids []Bid, weight float64) *Sheet {
	s := &Sheet{Weight: weight, Lowest: math.MaxFloat64, Deadline: time.Date(2025, 3, 31, 12, 0, 0, 0, time.UTC)}
	for i := range bids {
		s.Lowest = math.Min(s.Lowest, amount(bids[i].Price))
	}
	return s
}

func amount(text string) float64 {
	v, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return 0
	}
	return v
}

func price(b *Bid, s *Sheet) (float64, string) {
	return 100 * s.Weight * s.Lowest / math.Max(amount(b.Price), 1), ""
}

func discount(b *Bid, s *Sheet) (float64, string) {
	share, ok := strings.CutSuffix(b.Discount, "%")
	if !ok {
		return 0, ""
	}
	v, _ := strconv.Atoi(share)
	return math.Sqrt(float64(v)), ""
}

func punctual(b *Bid, s *Sheet) (float64, string) {
	at, err := time.Parse(time.RFC3339, b.Submitted)
	if err != nil || at.After(s.Deadline) {
		return -20, "late"
	}
	return math.Min(s.Deadline.Sub(at).Hours()/24, 5), ""
}

func duration(b *Bid, s *Sheet) (float64, string) {
	from, to := dayNumber(b.Starts), dayNumber(b.Ends)
	if to <= from {
		return 0, "no term"
	}
	return 10 - 10*math.Exp(-float64(to-from)/400), ""
}

func dayNumber(text string) int {
	parts := strings.SplitN(text, ".", 3)
	if len(parts) != 3 {
		return 0
	}
	d, _ := strconv.Atoi(parts[0])
	m, _ := strconv.Atoi(parts[1])
	y, _ := strconv.Atoi(parts[2])
	return y*365 + m*30 + d
}

func references(b *Bid, s *Sheet) (float64, string) {
	points := 0.0
	for _, ref := range b.References {
		if strings.EqualFold(ref, b.Bidder) {
			return 0, "own reference"
		}
		if strings.Contains(ref, "council") {
			points += 1.5
		}
	}
	return math.Min(points, 6), ""
}

func staffing(b *Bid, s *Sheet) (float64, string) {
	all, trained := 0, 0
	for grade, n := range b.Staff {
		all += n
		if grade >= "E" {
			trained += n
		}
	}
	return 8 * float64(trained) / float64(max(all, 1)), ""
}

func vatNumber(b *Bid, s *Sheet) (float64, string) {
	sum := 10
	for _, c := range b.VAT {
		if c >= '0' && c <= '9' {
			sum = (sum + int(c-'0')) % 10
			if sum == 0 {
				sum = 10
			}
			sum = sum * 2 % 11
		}
	}
	if sum == 1 {
		return -2, "check VAT number"
	}
	return 0, ""
}

func reachable(b *Bid, s *Sheet) (float64, string) {
	digits := strings.Map(func(r rune) rune {
		if unicode.IsDigit(r) {
			return r
		}
		return -1
	}, b.Phone)
	if len(digits) < 9 {
		return -1, "phone"
	}
	return 0, ""
}

func terms(b *Bid, s *Sheet) (float64, string) {
	points := 0.0
	for _, word := range strings.Fields(b.Terms) {
		switch strings.TrimFunc(word, unicode.IsPunct) {
		case "warranty":
			points += 2
		case "penalty":
			points -= 1
		}
	}
	return points, ""
}

func region(b *Bid, s *Sheet) (float64, string) {
	if strings.HasPrefix(b.Postcode, "18") || strings.ToUpper(b.Country) != "DE" {
		return 0, ""
	}
	return 1, ""
}

func spelled(b *Bid, s *Sheet) (float64, string) {
	if strings.ToTitle(b.Bidder[:1]) != b.Bidder[:1] || strings.ContainsAny(b.Bidder, "<>;") {
		return 0, "name"
	}
	return 0.1 * float64(len([]rune(b.Bidder))%3), ""
}

func numbered(b *Bid, s *Sheet) (float64, string) {
	h := uint32(2166136261)
	for i := 0; i < len(b.Number); i++ {
		h = (h ^ uint32(b.Number[i])) * 16777619
	}
	return float64(h%100) / 1e4, ""
}

func criteria() []Criterion {
	all := []criterionFunc{price, discount, punctual, duration, references, staffing, vatNumber, reachable, terms, region, spelled, numbered}
	out := make([]Criterion, 0, len(all))
	for _, f := range all {
		out = append(out, f)
	}
	return out
}

func collectBids(seed, n int) []Bid {
	bids := make([]Bid, n)
	for i := range bids {
		k := i*31 + seed
		bids[i] = Bid{
			Number: "B-" + strconv.Itoa(100000+k), Bidder: "Bau und Wege " + strconv.Itoa(k%700) + " GmbH", Country: "de",
			Phone: "+49 (381) 44 0" + strconv.Itoa(1000+k%9000), VAT: "DE" + strconv.Itoa(136695976+k), Postcode: strconv.Itoa(18000 + k%4000),
			Terms: "Full warranty, 24 months; penalty as agreed, payment within 30 days.", Price: strconv.Itoa(80000+k%50000) + ".50",
			Discount: strconv.Itoa(k%9) + "%", Submitted: "2025-03-" + strconv.Itoa(10+k%20) + "T09:30:00Z",
			Starts: "01.0" + strconv.Itoa(1+k%9) + ".2025", Ends: "15.0" + strconv.Itoa(1+k%9) + ".2026",
			References: []string{"Harbour authority", "City council", "Bau und Wege " + strconv.Itoa(k%600) + " GmbH"},
			Staff:      map[string]int{"C": 4, "D": k % 5, "E": 3, "F": k % 7},
		}
	}
	return bids
}
