// Small releases of our own making, in exactly the formats of their publishers. The concepts are invented.

const tabs = (rows: readonly (readonly string[])[]) => `${rows.map((row) => row.join('\t')).join('\r\n')}\r\n`

const core = '900000000000207008'
const snomedConcepts = [
  '138875005',
  '404684003',
  '64572001',
  '1000001',
  '1000002',
  '1000003',
  '1000004',
  '123037004',
  '1000009',
]
const fsn = '900000000000003001'
const synonym = '900000000000013009'
const names: readonly [id: string, concept: string, language: string, type: string, term: string][] = [
  ['1011', '138875005', 'en', fsn, 'SNOMED CT Concept (SNOMED RT+CTV3)'],
  ['1021', '404684003', 'en', fsn, 'Clinical finding (finding)'],
  ['1022', '404684003', 'en', synonym, 'Clinical finding'],
  ['1031', '64572001', 'en', fsn, 'Disease (disorder)'],
  ['1032', '64572001', 'en', synonym, 'Disease'],
  ['1041', '1000001', 'en', fsn, 'Throughline fever (disorder)'],
  ['1042', '1000001', 'en', synonym, 'Throughline fever'],
  ['1043', '1000001', 'en', synonym, 'Pathway pyrexia'],
  ['1044', '1000001', 'fr', synonym, 'Fièvre du parcours'],
  ['1051', '1000002', 'en', fsn, 'Severe Throughline fever (disorder)'],
  ['1052', '1000002', 'en', synonym, 'Severe Throughline fever'],
  ['1061', '1000003', 'en', fsn, 'Throughline rash (disorder)'],
  ['1062', '1000003', 'en', synonym, 'Throughline rash'],
  ['1071', '1000004', 'en', fsn, 'Febrile Throughline rash (disorder)'],
  ['1072', '1000004', 'en', synonym, 'Febrile Throughline rash'],
  ['1081', '123037004', 'en', fsn, 'Body structure (body structure)'],
  ['1091', '1000009', 'en', fsn, 'Retired Throughline fever (disorder)'],
]
// American English prefers these, and French Canada the French one.
const preferredNames: readonly [refset: string, description: string][] = [
  ['900000000000509007', '1022'],
  ['900000000000509007', '1032'],
  ['900000000000509007', '1042'],
  ['900000000000509007', '1052'],
  ['900000000000509007', '1062'],
  ['900000000000509007', '1072'],
  ['20581000087109', '1044'],
]
const isA: readonly [from: string, to: string][] = [
  ['404684003', '138875005'],
  ['123037004', '138875005'],
  ['64572001', '404684003'],
  ['1000001', '64572001'],
  ['1000002', '1000001'],
  ['1000003', '64572001'],
  ['1000004', '1000001'],
  ['1000004', '1000003'],
]

/** An RF2 release of nine concepts; a finding site, a reference set, and maps to ICD-10-CM. Paths are those within its zip. */
export const snomedRelease = (date = '20260301'): Record<string, string> => {
  const at = (name: string) => `SnomedCT_InternationalRF2_PRODUCTION_${date}T120000Z/Snapshot/${name}`
  const row = (id: string, ...rest: string[]) => [id, date, '1', core, ...rest]
  return {
    [at(`Terminology/sct2_Concept_Snapshot_INT_${date}.txt`)]: tabs([
      ['id', 'effectiveTime', 'active', 'moduleId', 'definitionStatusId'],
      ...snomedConcepts.map((id) => [id, date, id === '1000009' ? '0' : '1', core, '900000000000074008']),
    ]),
    [at(`Terminology/sct2_Description_Snapshot-en_INT_${date}.txt`)]: tabs([
      [
        'id',
        'effectiveTime',
        'active',
        'moduleId',
        'conceptId',
        'languageCode',
        'typeId',
        'term',
        'caseSignificanceId',
      ],
      ...names.map(([id, concept, language, type, term]) =>
        row(id, concept, language, type, term, '900000000000448009'),
      ),
    ]),
    [at(`Refset/Language/der2_cRefset_LanguageSnapshot-en_INT_${date}.txt`)]: tabs([
      ['id', 'effectiveTime', 'active', 'moduleId', 'refsetId', 'referencedComponentId', 'acceptabilityId'],
      ...preferredNames.map(([refset, description]) =>
        row(`l-${description}`, refset, description, '900000000000548007'),
      ),
    ]),
    [at(`Terminology/sct2_Relationship_Snapshot_INT_${date}.txt`)]: tabs([
      [
        'id',
        'effectiveTime',
        'active',
        'moduleId',
        'sourceId',
        'destinationId',
        'relationshipGroup',
        'typeId',
        'characteristicTypeId',
        'modifierId',
      ],
      ...isA.map(([from, to], index) =>
        row(`2${index}`, from, to, '0', '116680003', '900000000000011006', '900000000000451002'),
      ),
      row('299', '1000003', '123037004', '1', '363698007', '900000000000011006', '900000000000451002'),
    ]),
    [at(`Refset/Content/der2_Refset_SimpleSnapshot_INT_${date}.txt`)]: tabs([
      ['id', 'effectiveTime', 'active', 'moduleId', 'refsetId', 'referencedComponentId'],
      row('s1', '777001', '1000001'),
      row('s2', '777001', '1000003'),
    ]),
    [at(`Refset/Map/der2_iisssccRefset_ExtendedMapSnapshot_INT_${date}.txt`)]: tabs([
      [
        'id',
        'effectiveTime',
        'active',
        'moduleId',
        'refsetId',
        'referencedComponentId',
        'mapGroup',
        'mapPriority',
        'mapRule',
        'mapAdvice',
        'mapTarget',
        'correlationId',
        'mapCategoryId',
      ],
      row('m1', '6011000124106', '1000001', '1', '1', 'TRUE', 'ALWAYS Z98.76', 'Z98.76', '447561005', '447637006'),
      row('m2', '6011000124106', '1000003', '1', '1', 'TRUE', 'CANNOT BE CLASSIFIED', '', '447561005', '447638001'),
    ]),
  }
}

const orderLine = (order: number, code: string, flag: 0 | 1, short: string, long: string) =>
  `${String(order).padStart(5, '0')} ${code.padEnd(7)} ${flag} ${short.padEnd(60)} ${long}`

/** The order file and the tabular list of ICD-10-CM, of one invented category. */
export const icd10cmRelease = (year = 2026): Record<string, string> => ({
  [`icd10cm-order-${year}.txt`]: [
    orderLine(1, 'Z98', 0, 'Other Throughline states', 'Other Throughline states'),
    orderLine(2, 'Z987', 0, 'Invented states', 'Invented states'),
    orderLine(3, 'Z9876', 1, 'Invented fever state', 'Invented fever state, not elsewhere classified'),
    orderLine(4, 'Z9877XA', 1, 'Invented rash, init', 'Invented rash, initial encounter'),
    '',
  ].join('\n'),
  [`icd10cm-tabular-${year}.xml`]: `<?xml version="1.0" encoding="utf-8"?>
<ICD10CM.tabular><version>${year}</version>
<chapter><name>21</name><desc>Factors influencing health status (Z00-Z99)</desc>
<sectionIndex><sectionRef first="Z98" last="Z98" id="Z97-Z98">Invented</sectionRef></sectionIndex>
<section id="Z97-Z98"><desc>Invented states (Z97-Z98)</desc>
<diag><name>Z98</name><desc>Other Throughline states</desc>
<diag><name>Z98.7</name><desc>Invented states</desc>
<diag><name>Z98.76</name><desc>Invented fever state</desc><inclusionTerm><note>Pathway pyrexia &amp; chills</note></inclusionTerm></diag>
</diag></diag></section></chapter></ICD10CM.tabular>`,
})

/** LOINC's table, hierarchy of components, answer lists and a French variant, of two invented tests. */
export const loincRelease = (): Record<string, string> => ({
  'Loinc_2.99/LoincTable/Loinc.csv': [
    '"LOINC_NUM","COMPONENT","PROPERTY","TIME_ASPCT","SYSTEM","SCALE_TYP","METHOD_TYP","CLASS","DefinitionDescription","STATUS","CONSUMER_NAME","CLASSTYPE","SURVEY_QUEST_TEXT","RELATEDNAMES2","SHORTNAME","ORDER_OBS","LONG_COMMON_NAME","DisplayName"',
    '"99901-1","Throughline","MCnc","Pt","Bld","Qn","","CHEM","Mass of ""Throughline"", measured\nin blood","ACTIVE","Throughline level","1","","THRU; Care flow","Throughline Bld-mCnc","Both","Throughline [Mass/volume] in Blood","Throughline (Bld)"',
    '"99902-9","Throughline mood","Find","Pt","^Patient","Nom","","SURVEY.X","","ACTIVE","","4","How goes it?","","Mood","Observation","Throughline mood scale",""',
    '"99903-7","Throughline old","MCnc","Pt","Bld","Qn","","CHEM","","DEPRECATED","","1","","","Old","Both","Throughline old [Mass/volume] in Blood",""',
  ].join('\r\n'),
  'Loinc_2.99/AccessoryFiles/ComponentHierarchyBySystem/ComponentHierarchyBySystem.csv': [
    'PATH_TO_ROOT,SEQUENCE,IMMEDIATE_PARENT,CODE,CODE_TEXT',
    ',1,,LP999-1,{component}',
    'LP999-1,1,LP999-1,LP999-2,Throughline',
    'LP999-1.LP999-2,1,LP999-2,99901-1,Throughline Bld-mCnc',
  ].join('\n'),
  'Loinc_2.99/AccessoryFiles/AnswerFile/AnswerList.csv': [
    '"AnswerListId","AnswerListName","AnswerListOID","ExtDefinedYN","ExtDefinedAnswerListCodeSystem","ExtDefinedAnswerListLink","AnswerStringId","LocalAnswerCode","LocalAnswerCodeSystem","SequenceNumber","DisplayText"',
    '"LL999-1","Mood","1.2","N","","","LA999-2","2","","2","Ill"',
    '"LL999-1","Mood","1.2","N","","","LA999-1","1","","1","Well"',
  ].join('\n'),
  'Loinc_2.99/AccessoryFiles/AnswerFile/LoincAnswerListLink.csv': [
    '"LoincNumber","LongCommonName","AnswerListId","AnswerListName","AnswerListLinkType","ApplicableContext"',
    '"99902-9","Throughline mood scale","LL999-1","Mood","NORMATIVE",""',
  ].join('\n'),
  'Loinc_2.99/AccessoryFiles/LinguisticVariants/frCA8LinguisticVariant.csv': [
    '"LOINC_NUM","COMPONENT","PROPERTY","TIME_ASPCT","SYSTEM","SCALE_TYP","METHOD_TYP","CLASS","SHORTNAME","LONG_COMMON_NAME","RELATEDNAMES2","LinguisticVariantDisplayName"',
    '"99901-1","Parcours","","","","","","","","Parcours [Masse/volume] dans le sang","",""',
  ].join('\n'),
})

// RXCUI|LAT|TS|LUI|STT|SUI|ISPREF|RXAUI|SAUI|SCUI|SDUI|SAB|TTY|CODE|STR|SRL|SUPPRESS|CVF|
const conso = (rxcui: string, sab: string, tty: string, text: string, suppress = 'N') =>
  `${rxcui}|ENG||||||${rxcui}1||${rxcui}||${sab}|${tty}|${rxcui}|${text}||${suppress}|4096|`

/** RxNorm's RRF files, of two invented drugs. */
export const rxnormRelease = (): Record<string, string> => ({
  'rrf/RXNCONSO.RRF': [
    conso('9900001', 'RXNORM', 'IN', 'throughlinol'),
    conso('9900002', 'RXNORM', 'SCD', 'throughlinol 10 MG Oral Tablet'),
    conso('9900002', 'RXNORM', 'SY', 'throughlinol 10mg tab'),
    conso('9900002', 'MTHSPL', 'DP', 'THROUGHLINOL tablet of a label'),
    conso('9900003', 'RXNORM', 'SCDF', 'throughlinol Oral Tablet'),
    conso('9900004', 'RXNORM', 'BN', 'Oldthrough', 'O'),
    '',
  ].join('\n'),
  'rrf/RXNREL.RRF': [
    '9900001||CUI|RO|9900002||CUI|has_ingredient|||RXNORM|RXNORM||||4096|',
    '9900002||CUI|RO|9900001||CUI|ingredient_of|||RXNORM|RXNORM||||4096|',
    '9900003||CUI|RN|9900002||CUI|isa|||RXNORM|RXNORM||||4096|',
    '',
  ].join('\n'),
  'rrf/RXNSTY.RRF': '9900002|T200|A1.3.3|Clinical Drug|AT1|4096|\n',
  'rrf/RXNSAB.RRF':
    'C1|C2|RXNORM_26AA_260302F|RXNORM|RxNorm Vocabulary|RXNORM|26AA_260302F|2026_03_02|||||||||||||||||\n',
})

/** CPT's long descriptors with tabs and the medium ones in fixed fields, of invented procedures after a notice. */
export const cptRelease = (): Record<string, string> => ({
  'CPT 2026/LONGULT.txt': [
    'Notice of the owner, year 2026',
    'that goes on for a few lines.',
    '',
    '09990\tInvented procedure of a Throughline, first hour',
    '0999Z\tInvented tracking procedure',
    '',
  ].join('\r\n'),
  'CPT 2026/MEDU.txt': ['Notice of the owner', '09990 INVENTED PX THROUGHLINE 1ST HR', ''].join('\r\n'),
})

/** The same in fixed fields, with a descriptor that goes on. */
export const cptFixedRelease = (): Record<string, string> => ({
  'LONGULF.txt': [
    'Notice of the owner, year 2025',
    '0999001 Invented procedure of a Throughline, which takes so long that its'.padEnd(80),
    '0999002 descriptor goes on in a second record'.padEnd(80),
    '',
  ].join('\n'),
})
