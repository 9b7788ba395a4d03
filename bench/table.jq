# The table of the results, in Markdown: jq -r -f table.jq results.json

def plain: tostring | if test("e") then . else (split(".") | .[0] as $whole | ($whole | length) as $n | $whole
  + (if .[1] and $n < 4 then "." + (.[1] | .[0:4 - $n]) else "" end)) end;
def three: if . == 0 then "0" else . as $x | (fabs | log10 | floor) as $e
  | pow(10; 2 - $e) as $k | (($x * $k | round) / $k) | plain end;
def human($unit):
  if $unit == "s" then if . < 1 then (. * 1000 | three) + " ms" else three + " s" end
  elif $unit == "B" then
    if . >= 1073741824 then (. / 1073741824 | three) + " GiB" elif . >= 1048576 then (. / 1048576 | three) + " MiB"
    else (. / 1024 | three) + " KiB" end
  else three + " " + $unit end;
def two: (. * 100 | round) as $n | "\($n / 100 | floor).\($n % 100 + 100 | tostring | .[1:])";
def ratio: if . < 0.1 then three else two end;
def aim: if .aim == null then "" else (if .aim.most then "at most \(.aim.most)" else "at least \(.aim.least)" end)
  + (if .met == false then ": missed" else "" end) end;

"| what | ours | floor | ratio (10-90 %) | aim | the floor is | rounds |",
"|---|---|---|---|---|---|---|",
(.measurements[] | .unit as $unit
  | "| \(.name) | \(.ours.median | human($unit)) | \(if .floor then .floor.median | human($unit) else "" end)"
    + " | \(if .ratio then "\(.ratio.median | ratio) (\(.ratio.p10 | ratio)-\(.ratio.p90 | ratio))" else "" end)"
    + " | \(aim) | \(.floor_is) | \(.rounds) |")
