/**
 * Units that clinical records use, as UCUM writes them, with a name to show. A small part of UCUM (https://ucum.org), which
 * is a grammar: another valid unit is simply not in this list.
 */
export const commonUnits: readonly (readonly [code: string, name: string])[] =
  `%|percent;1|unity;10*3/uL|thousand per microliter;10*6/uL|million per microliter;10*9/L|billion per liter;10*12/L|trillion per liter;
/min|per minute;/uL|per microliter;/L|per liter;/[HPF]|per high power field;/[LPF]|per low power field;/d|per day;/h|per hour;
a|year;mo|month;wk|week;d|day;h|hour;min|minute;s|second;ms|millisecond;
m|meter;cm|centimeter;mm|millimeter;um|micrometer;nm|nanometer;km|kilometer;[in_i]|inch;[ft_i]|foot;[mi_i]|mile;
m2|square meter;cm2|square centimeter;mm2|square millimeter;
kg|kilogram;g|gram;mg|milligram;ug|microgram;ng|nanogram;pg|picogram;[lb_av]|pound;[oz_av]|ounce;
L|liter;dL|deciliter;mL|milliliter;uL|microliter;fL|femtoliter;[foz_us]|fluid ounce;[tsp_us]|teaspoon;[tbs_us]|tablespoon;[cup_us]|cup;[drp]|drop;
mol|mole;mmol|millimole;umol|micromole;nmol|nanomole;pmol|picomole;eq|equivalent;meq|milliequivalent;osm|osmole;mosm|milliosmole;
kat|katal;U|enzyme unit;mU|milli enzyme unit;kU|kilo enzyme unit;[iU]|international unit;k[iU]|thousand international units;m[iU]|milli international unit;[arb'U]|arbitrary unit;
g/L|gram per liter;g/dL|gram per deciliter;mg/L|milligram per liter;mg/dL|milligram per deciliter;mg/mL|milligram per milliliter;ug/L|microgram per liter;ug/dL|microgram per deciliter;ug/mL|microgram per milliliter;ng/L|nanogram per liter;ng/mL|nanogram per milliliter;ng/dL|nanogram per deciliter;pg/mL|picogram per milliliter;
mol/L|mole per liter;mmol/L|millimole per liter;umol/L|micromole per liter;nmol/L|nanomole per liter;pmol/L|picomole per liter;meq/L|milliequivalent per liter;mosm/kg|milliosmole per kilogram;
U/L|enzyme unit per liter;[iU]/L|international unit per liter;[iU]/mL|international unit per milliliter;m[iU]/L|milli international unit per liter;m[iU]/mL|milli international unit per milliliter;u[iU]/mL|micro international unit per milliliter;
mg/g|milligram per gram;ug/mg|microgram per milligram;mg/mmol|milligram per millimole;mmol/mol|millimole per mole;mg/g{creat}|milligram per gram of creatinine;
mg/kg|milligram per kilogram;ug/kg|microgram per kilogram;mg/kg/d|milligram per kilogram per day;ug/kg/min|microgram per kilogram per minute;mg/d|milligram per day;g/d|gram per day;mg/h|milligram per hour;ug/h|microgram per hour;ug/min|microgram per minute;mg/(24.h)|milligram per 24 hours;g/(24.h)|gram per 24 hours;
mL/min|milliliter per minute;mL/h|milliliter per hour;L/min|liter per minute;mL/d|milliliter per day;mL/kg|milliliter per kilogram;mL/min/{1.73_m2}|milliliter per minute per 1.73 square meter;L/min/m2|liter per minute per square meter;
mm[Hg]|millimeter of mercury;cm[H2O]|centimeter of water;kPa|kilopascal;Pa|pascal;[psi]|pound per square inch;bar|bar;
Cel|degree Celsius;[degF]|degree Fahrenheit;K|kelvin;
kg/m2|kilogram per square meter;kg/m|kilogram per meter;m/s|meter per second;cm/s|centimeter per second;mm/h|millimeter per hour;deg|degree;
{beats}/min|beats per minute;{breaths}/min|breaths per minute;{score}|score;{ratio}|ratio;{INR}|international normalized ratio;{count}|count;{tbl}|tablets;{titer}|titer;{puff}|puff;
kcal|kilocalorie;cal|calorie;kJ|kilojoule;J|joule;W|watt;V|volt;mV|millivolt;A|ampere;Hz|hertz;kHz|kilohertz;dB|decibel;Gy|gray;mSv|millisievert;Bq|becquerel;MBq|megabecquerel;mCi|millicurie;[diop]|diopter;[pH]|pH`
    .split(/;\n?/)
    .map((pair) => {
      const bar = pair.indexOf('|')
      return [pair.slice(0, bar), pair.slice(bar + 1)] as const
    })
