# The results of what the parts recorded: a line of text each, as bench/measure.sh tells, to one JSON object.
# jq -nR --argjson about OBJECT -f results.jq RAW-FILE

# Between two of the values where P falls between them, as R and numpy do it.
def quantile(p):
  sort | ((length - 1) * p) as $at | ($at | floor) as $below
  | .[$below] + ($at - $below) * ((.[$below + 1] // .[$below]) - .[$below]);

def significant: # four digits are more than these figures are worth
  if . == 0 then 0 else . as $x | (fabs | log10 | floor - 3) as $e | pow(10; $e | fabs) as $k
    | if $e < 0 then ($x * $k | round) / $k else ($x / $k | round) * $k end end;

def spread: {median: (quantile(0.5) | significant), p10: (quantile(0.1) | significant), p90: (quantile(0.9) | significant)};

def aim: if startswith("<=") then {most: (.[2:] | tonumber)} elif startswith(">=") then {least: (.[2:] | tonumber)} else null end;
def met($aim): if $aim.most then . <= $aim.most else . >= $aim.least end;

[inputs | split("\t")] as $lines
| (reduce ($lines[] | select(.[0] == "value")) as $line ({}; .[$line[1]] += [$line[2] | tonumber])) as $series
| $about + {
    measurements: [
      $lines[] | select(.[0] == "compare")
      | . as [$_, $name, $unit, $ours, $floor, $aim, $text, $curve, $at]
      | ($series[$ours] // error("\($name): nothing was measured as \($ours)")) as $a
      | (if $floor == "-" then null else $series[$floor] // error("\($name): nothing was measured as \($floor)") end) as $b
      # The one before the slash is the part.
      | {part: ($ours | split("/")[0]), name: $name, unit: $unit, rounds: ($a | length), ours: ($a | spread)}
      | if $b then
          # A round that was cut off has one of the two only.
          ([$a, $b | length] | min) as $n
          | . + {rounds: $n, ours: ($a[:$n] | spread), floor: ($b[:$n] | spread), ratio: ([range($n) | $a[.] / $b[.]] | spread)}
        else . + {floor: null, ratio: null} end
      | . + {floor_is: $text, aim: ($aim | aim)}
      | if .aim and .ratio then .met = (.aim as $aim | .ratio.median | met($aim)) else .met = null end
      | if $curve != "-" then . + {curve: $curve, at: ($at | tonumber)} else . end
    ],
    skipped: [$lines[] | select(.[0] == "skipped") | {name: .[1], why: .[2]}]
  }
