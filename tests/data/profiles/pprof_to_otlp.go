package main

import (
	"os"

	"github.com/google/pprof/profile"
	"go.opentelemetry.io/collector/pdata/pprofile"
)

// Converts a pprof file to OTLP with the collector's own data types, as protobuf and as JSON.
func main() {
	in, err := os.Open(os.Args[1])
	check(err)
	p, err := profile.Parse(in)
	check(err)
	out := pprofile.NewProfiles()
	d := out.Dictionary()
	strings := map[string]int32{}
	str := func(s string) int32 {
		if i, ok := strings[s]; ok {
			return i
		}
		i := int32(d.StringTable().Len())
		strings[s] = i
		d.StringTable().Append(s)
		return i
	}
	str("")
	d.MappingTable().AppendEmpty()
	d.FunctionTable().AppendEmpty()
	d.LocationTable().AppendEmpty()
	d.StackTable().AppendEmpty()
	d.LinkTable().AppendEmpty()
	d.AttributeTable().AppendEmpty()
	functions := map[uint64]int32{}
	for _, f := range p.Function {
		functions[f.ID] = int32(d.FunctionTable().Len())
		n := d.FunctionTable().AppendEmpty()
		n.SetNameStrindex(str(f.Name))
		n.SetFilenameStrindex(str(f.Filename))
		n.SetStartLine(f.StartLine)
	}
	locations := map[uint64]int32{}
	for _, l := range p.Location {
		locations[l.ID] = int32(d.LocationTable().Len())
		n := d.LocationTable().AppendEmpty()
		n.SetAddress(l.Address)
		for _, line := range l.Line {
			m := n.Lines().AppendEmpty()
			m.SetFunctionIndex(functions[line.Function.ID])
			m.SetLine(line.Line)
		}
	}
	attributes := map[string]int32{}
	r := out.ResourceProfiles().AppendEmpty()
	r.Resource().Attributes().PutStr("service.name", "shop")
	scope := r.ScopeProfiles().AppendEmpty()
	for i, t := range p.SampleType {
		o := scope.Profiles().AppendEmpty()
		o.SampleType().SetTypeStrindex(str(t.Type))
		o.SampleType().SetUnitStrindex(str(t.Unit))
		o.SetPeriod(p.Period)
		for _, s := range p.Sample {
			n := o.Samples().AppendEmpty()
			n.SetStackIndex(int32(d.StackTable().Len()))
			st := d.StackTable().AppendEmpty()
			for _, l := range s.Location {
				st.LocationIndices().Append(locations[l.ID])
			}
			n.Values().Append(s.Value[i])
			for k, v := range s.Label {
				key := k + "=" + v[0]
				if _, ok := attributes[key]; !ok {
					attributes[key] = int32(d.AttributeTable().Len())
					a := d.AttributeTable().AppendEmpty()
					a.SetKeyStrindex(str(k))
					a.Value().SetStr(v[0])
				}
				n.AttributeIndices().Append(attributes[key])
			}
		}
	}
	pb, err := (&pprofile.ProtoMarshaler{}).MarshalProfiles(out)
	check(err)
	check(os.WriteFile(os.Args[2]+".pb", pb, 0o644))
	js, err := (&pprofile.JSONMarshaler{}).MarshalProfiles(out)
	check(err)
	check(os.WriteFile(os.Args[2]+".json", js, 0o644))
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}
