"""One rule, one cue: a named pattern over a marked sentence that votes for a label or abstains.

A rule sees what a model sees: `[ACTOR]` and `[PROCESS]` are judged, `[OTHER]` and `[RIVAL]` are not. `readings` first
brings the sentence into plain shapes, one a line, so that a pattern may ask for the actor, its verb and the process in
a row:

    [ACTOR], an ally of [OTHER], said on Friday that it would not come.  ->  [ACTOR] would not come.
    Talks in [PROCESS], sponsored by [OTHER] and [ACTOR], resumed.       ->  [ACTOR] sponsored [PROCESS]
    "We shall be there," the spokesman of [ACTOR] said.                  ->  [ACTOR] shall be there

A rule's description is its public documentation; `tests/cases/rules.yaml` holds cases for each.
"""

# ruff: noqa: E501
from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from stance.records import Label

IRREGULAR = dict(
    verb.split("=")
    for verb in "begin=beg[iau]n|begins|beginning come=comes?|came|coming freeze=freezes?|froze|frozen|freezing give=gives?|gave|given|giving go=go|goes|going "
    "have=has|have|had|having hold=holds?|holding keep=keeps?|kept|keeping leave=leaves?|left|leaving find=finds?|found|finding put=puts?|putting quit=quits?|quitting "
    "say=says?|said|saying see=sees?|saw|seen|seeing send=sends?|sent|sending set=sets?|setting stand=stands?|stood|standing cast=casts?|casting take=takes?|took|taken|taking "
    "tell=tells?|told|telling think=thinks?|thought|thinking appeal=appeal(?:s|ed|ing)? withdraw=withdr(?:aw|aws|ew|awn|awing) break=breaks?|broke|breaking".split()
)


def forms(verbs: str) -> str:
    """A pattern for every inflection of verbs given by their infinitives, particles tied to them by `_`."""
    return "(?:" + "|".join(_inflected(*verb.partition("_")[::2]) for verb in verbs.split()) + ")"


def _inflected(verb: str, particle: str) -> str:
    if verb in IRREGULAR:
        out = f"(?:{IRREGULAR[verb]})"
    elif verb.endswith("e"):
        out = f"{verb[:-1]}(?:es?|ed|ing)"
    elif re.search("[^aeiou]y$", verb):
        out = f"{verb[:-1]}(?:y|ies|ied|ying)"
    elif re.search("^[^aeiou]*[aeiou][^aeiouwxy]$", verb):
        out = f"{verb}(?:s|{verb[-1]}ed|{verb[-1]}ing)?"
    else:
        out = f"{verb}(?:e?s|ed|ing)?"
    return out + "".join(f" {word}" for word in particle.split("_") if word)


# --- Readings: the sentence in plain shapes ---
# fmt: off

# Who speaks or acts for the actor, in whose place the actor is put: "[ACTOR]'s deputy foreign minister".
HEAD = (
    r"(?i:(?:(?:foreign|deputy|prime|defen[cs]e|chief|lead|head|senior|top|own|state|permanent|special|political|main|new) )?(?:[a-z]+ )?(?:ministers?|ministry|government|spokes\w+|delegat(?:ion|es?)|teams?|negotiators?|"
    r"envoys?|officials?|leaders?(?:hip)?|side|ambassadors?|mission|representatives?|president|chief|members?|commanders?|council|office|forces|factions?|groups?|formations|bodies|diplomats?|coordinator|secretary|bureau|"
    r"administration|experts?|embassy|consulate|observers?|bloc|platforms?|party|command|lawmakers|advisers?|fighters|brigades?))"
)
# What a speaker calls its own: "said that its delegation would".
OWN = (
    r"(?:side|country|government|delegation|group|factions?|party|people|movement|team|men|kingdom|council|capital|forces|organi[sz]ation|coalition|ministry|union|committee|colleagues|federation|alliance|opposition|"
    r"mission|office|members|embassy|consulate|state|experts|bloc|body|platform|commission|command|fighters|minister|president|faction|brigade|community|army|institution)"
)
SELF = rf"(?:it|he|she|they|we|I|(?:his|her|its|their|the|our) {OWN}|a delegation|(?:the )?\[ACTOR\])"
SAY = (
    r"(?:sa(?:id|ys?|ying)|adding|(?:told|tells|informs|informed|warned|assured|wrote to) (?:[\w\[\]]+ ){0,2}?[\w\[\]]+|announces?|announced|declare[sd]?|add(?:s|ed)|confirm(?:s|ed)|stated|wrote|replied|(?:made|"
    r"makes) (?:it )?clear|insisted|insists|stressed|explained|let it be known|reported|repeat(?:s|ed)|reiterated|warn(?:s|ed)|decided|vow(?:s|ed)|pledge[sd]?|promise[sd]?|signalled|indicated|sent word|conceded|admitted|"
    r"maintain(?:s|ed))"
)
WHEN = (
    r"(?:,? (?:(?:(?:on|late|early|last|this|in|to|by|after) ){1,2})?(?:(?:[A-Z][a-z]+day|a statement|a letter|writing|[A-Z][a-z]+|[a-z]+ interview|\[OTHER\]|\[PROCESS\]|reporters|journalists|private|public|advance|week|"
    r"month|telephone|return|afterwards)(?: (?:night|morning|evening))?)){0,3}"
)
OFTEN = r"(?:(?:has|have|had|also|later|then|meanwhile|already|again|since|both|all|[a-z]+ly) )"
WHO = r"(?:the |a |an |some |all |most |its |several |other |main |Syrian |northern |President |Minister |Mr ){0,3}"
# After these the actor is no subject, and becomes an [OBJECT].
OBLIQUE = (
    r"in|of|to|from|with|by|for|on|at|between|against|under|near|than|told|tells?|accus\w+|ask(?:ed|s)?|urg(?:ed|es?)|met|invit(?:ed?|es|ing)|blam(?:ed|es?)|warn(?:ed|s)?|let|help(?:ed|s)?|made|joined|like|about|around|"
    r"into|inside|outside|without|criticis\w+|including|wants?|wanted|hopes?|expect(?:s|ed)?|advis\w+|inform\w*|whether|if|encourag\w+|thank(?:ed|s)?|[Nn]either|nor|[Nn]o|accompanied|replaced|should|must|unless|until"
)
PARTNERS = r"(?:, (?:the )?\[OTHER\]){0,4},?"
STEPS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), new)
    for pattern, new in (
        (r"[‘’]", "'"), (r"[“”]", '"'),
        # Place and agency at the head; a speaker for whom the sentence has no words.
        (r"^[A-Z][^\n]{0,60}? (?:-|–|—|--) |^[A-Z][A-Z/]{3,20} (?=[A-Z\[])", ""),
        (r"^\[ACTOR\]: (?=(?:It|He|She|They|We|I)\b)(?:\w+) ", "[ACTOR] "),
        # A bare possessor after "said" is a masked "his" or "its", and means the speaker.
        (rf"(\b(?:{SAY}|saying|adding){WHEN}(?: that)? )\[(?:ACTOR|OTHER)\] (?={OWN}\b)", r"\1its "),
        # Of actors in a row the judged one stays.
        (rf"(?:\b[Bb]oth )?(?:\b[Tt]he )?\[OTHER\]{PARTNERS} and (?:the |of )?\[ACTOR\]|^\[OTHER\], \[ACTOR\](?= [a-z])", "[ACTOR]"),
        (r"\[OTHER\], (?:the )?(?=\[ACTOR\](?:,| and))", ""),
        (rf"\[ACTOR\]{PARTNERS} (?:and|or) (?:the |several )?\[OTHER\](?!'s| sa)|^\[ACTOR\], \[OTHER\](?= [a-z])", "[ACTOR]"),
        (r"\[ACTOR\](?:'s?)? (?:\[ACTOR\]|\(\[?[A-Z]+\]?\))", "[ACTOR]"),
        (r"^\[ACTOR\] to (?=[a-z])", "[ACTOR] will "), (r"^According to (?:the |an? )?\[ACTOR\], ", "[ACTOR] said "),
        # What only says whose talks they are, or with whom.
        (r"\[OTHER\]-(?:led|backed|sponsored|brokered|proposed|hosted|mediated) ", ""),
        (r",? (?:with|between|alongside|(?:led|sponsored|brokered|backed|hosted|organi[sz]ed) by|under|among) (?:the |both )?\[OTHER\](?:'s? [a-z]+)?"
         r"(?:(?:, | and |, and )(?:the )?\[OTHER\]){0,3}(?: auspices)?(?!'s| and \[ACTOR\])", ""),
        (rf"\[ACTOR\](?:'s?)? {HEAD}\b(?:,? \[(?:ACTOR|OTHER)\](?! and),?)?", "[ACTOR]"),
        (rf"\b(?:[Aa]n? |[Tt]he |[Ss]ome )?(?:senior )?{HEAD} (?:of|for|from|at|in) (?:the |northern ){{0,2}}\[ACTOR\]", "[ACTOR]"),
        (r"\b(?i:many|some|most|part|two|three|four|several|half|a number|all) of (?:the )?\[ACTOR\](?: (?:participants|members|delegates))?", "[ACTOR]"),
        (rf"\b({OBLIQUE}) {WHO}\[ACTOR\]", r"\1 [OBJECT]"),
    )
)
APPOSITION = re.compile(r"\[ACTOR\](?:, [^,;\n]{2,110}, | \([^()\n]{1,40}\) | (?:based |living )?(?:in|from|near|of|on) (?:northern |southern |eastern |the )*[\w\[\]-]+(?: [A-Z][\w-]+)? )(?!and\b|but\b)")
# "[ACTOR] said on Friday that it", "[ACTOR] said that the round had failed, and that it".
SAID = rf"\[ACTOR\],? {OFTEN}{{0,2}}{SAY}"
REPORT = re.compile(rf"{SAID}(?:{WHEN}(?: that)? (?:[a-z]+ [\w\[\]]+,? )?|(?:(?!\b(?:that|while)\b)[^\n;]){{0,60}}? that ){SELF} ")
REPORT_TOO = re.compile(rf"{SAID}\b[^\n;]{{3,150}}? (?:and|but) that {SELF} ")
# A second verb of the same actor.
SECOND = re.compile(
    r"\[ACTOR\] (?:(?!\[(?:ACTOR|OBJECT)\]|\bsa(?:id|ys)\b|\bthat\b)[^\n;]){3,120}?(?: and|,| but| then|, and|, but) (?:(?:one of )?(?:its|their|his) (?:[a-z]+ ){1,3}?)?(?=(?:also |then |later |it |he |they )?(?:will|"
    r"would|has|had|have|is|are|was|were|did|does|do|sent|took|left|said|saying|adding|[a-z]{3,}s|[a-z]{2,}ed)\b)(?:it |he |they )?"
)
# "The talks that [ACTOR] boycotted", "talks hosted by [ACTOR]": turned into the order of a main clause.
RELATIVE = re.compile(r"\[PROCESS\](?:(?!\[)[^\n;.]){0,70}?,? (?:(?:from|to|at|in|of) )?(?:which|that)(?: the| some| most| its)? \[(?:ACTOR|OBJECT)\] ([^,.;\n]{3,60})")
PASSIVE = re.compile(r"\[PROCESS\](?:(?!\[)[^\n;]){0,60}?\b((?:co-?)?hosted|organi[sz]ed|(?:co-?)?sponsored|convened|brokered|mediated|chaired|prepared|backed|boycotted)(?: jointly)? by (?:the )?(?:[\w'-]+ ){0,2}?\[OBJECT\]")
# "We shall be there," [ACTOR] said; the [PROCESS] is dead, [ACTOR] said.
SPEECH = re.compile(rf'^[ "]*(?:(We|I|It|They|He|She|Our [a-z]+) )?([^\n]{{8,300}}?),"? (?:{SAY}{WHEN} )?(?:the |an? )?\[ACTOR\](?=[ ,.])')
# After another actor one is no subject until a clause begins: "[OTHER] said [ACTOR] left", "[OTHER], an ally of [ACTOR], left".
CLAUSE = r" (?:and|but|or|while|whereas|since|because|as|after|when|until|where) | which [^[]|[,;:]|(?:\[PROCESS\]|talks|congress|conference) that"
SECONDARY = re.compile(
    r"((?<![Ii]n )(?<!from )(?<!at )\[OTHER\](?:'s?)?(?: [\w-]+){0,2}, (?:an?|one of|whose|who|which|co-leader|visiting)\b (?:(?!\bsa(?:id|ys?)\b)[^,;\n])*"
    rf"|\[OTHER\](?:(?!{CLAUSE})[^\n])* )\[ACTOR\]"
)
UNSAID = " ([PROCESS])"  # how a marked sentence ends whose process is known from the context only
# fmt: on


@lru_cache(maxsize=4096)
def readings(marked: str) -> str:
    """The sentence in plain shapes, one a line; nothing of a question."""
    text = " ".join(marked.split())
    if "?" in text:
        return ""
    for pattern, new in STEPS:
        text = pattern.sub(new, text)
    lines = [text]
    for pattern in (APPOSITION, APPOSITION, REPORT, REPORT_TOO, SECOND, REPORT, SECOND):
        lines += [short for line in lines if (short := pattern.sub("[ACTOR] ", line)) not in lines]
    for shape in (RELATIVE, PASSIVE):
        if found := shape.search(text):
            lines.append(f"[ACTOR] {found[1]} [PROCESS]")
    speech = SPEECH.match(text)
    if speech and "[ACTOR]" not in speech[2]:
        lines.append(("[ACTOR] " if speech[1] else "[ACTOR] said ") + speech[2])
    if "[PROCESS]" in text and "[RIVAL]" not in text:  # The only process there is stands for an unsaid one.
        lines = [line.removesuffix(UNSAID) + UNSAID for line in lines]
    return "\n".join(SECONDARY.sub(r"\1[OBJECT]", line) for line in dict.fromkeys(lines))


# --- Pieces of patterns ---
# fmt: off

# Words after the actor that make another verb, or its negation, of what follows.
TURNS = (
    r"not\b|no\b|little\b|few\b|sees?\b|never\b|and\b|but\b|or\b|to\b|said\b|says?\b|refus|declin|fail|ask|vote|yet\b|accus|doubt|deni|den[yi]|want|hope|may\b|might\b|could\b|should\b|must\b|can\b|cannot\b|complain|"
    r"condemn|reject|warn|threat|that\b|pledged\b|men\b|if\b|whether\b|in\b|for\b|of\b|with\b|as\b|than\b|decided\b|described\b|invited\b"
)
# Auxiliaries, adverbs, and verbs that leave the next one true.
AUX = (
    r"(?:(?:has|have|had|is|are|was|were|will|would|be|been|being|also|again|to|both|all|still|now|then|later|already|once|instead|soon|yesterday|long|[a-z]+ly|on [A-Z][a-z]+day|and|shall|itself|do|does|did|today|another|"
    r"each|in turn|for (?:its|their|his) part|this (?:time|week|month)|in the end|too|therefore|nonetheless|meanwhile|nevertheless|himself|said he|said it|(?:remain|seem|appear)(?:s|ed)?|(?:vow|strain|work|push|help|"
    r"start|beg[ai]n|move)(?:s|ed|ing)? to|tr(?:ying|ies|ied|y) to|(?:attempt|plan|intend|want|seek)(?:s|ned|ed|ning|ing)? to|continu(?:es?|ed|ing) to|(?:set|due|about|ready|keen|willing|prepared|determined) to|"
    r"(?:decided?s?|sought|chose|votes?|voted|resolved|prefers?|preferred) to|agree[sd]? to|hop(?:es|ed|ing) to|aim(?:s|ed|ing)? to) ){0,6}"
)
A = rf"\[ACTOR\](?:'s?)?,?(?: who| which| that)?(?: (?!{TURNS})[a-z-]+){{0,3}}? {AUX}"
# The actor and anything of its own: for words that say by themselves whose they are.
FAR = r"\[ACTOR\](?:(?!\[(?:OTHER|RIVAL|OBJECT|ACTOR)\])[^\n;]){0,60}? "
IF = r"(?:unless|until|(?<!as )(?<!ven )if|provided|on condition|as long as|whether)"
# To the process, with no other actor (but for whose talks they are), no other process and no condition on the way.
P = rf"(?:(?!(?<!by )(?<!of )(?<!in )(?<!the )\[OTHER\](?!'s)|\[(?:RIVAL|ACTOR|OBJECT)\]|\b{IF}\b|,? (?:and|but) (?:is|are|was|were|has|had|have|will|would|its|his|their|that|did|does)\b)[^\n;(]){{0,100}}?\[PROCESS\]"
NEAR = P.replace("100", "45")
# The same; or the clause ends, and its process is unsaid: "will not go. ([PROCESS])"
TAIL = (
    r"(?:(?: (?:there|either|it|them|too|again|at all|together|on [A-Z]\w+day|next \w+|this time|in person|as a?|(?:the |an |its |their )?(?:invitation|offer|talks|meeting|delegation|team|observers?)|(?:to|from|in|"
    r"at) (?:it|one|them|either|that|the (?:city|resort|venue|building|airport|hall)|(?:the )?\[OTHER\](?: capital)?))\b){0,3}(?:[,.:\"]|$| (?:and|because|after|as|since|in protest|by|for|over)\b|"
    r" \(\[PROC)[^\n]*\(?\[PROCESS\]\))"
)
U = f"(?:{P}|{TAIL})"
NOT = r"(?:(?:will|would|did|does|do|is|are|was|were|can|could|shall|has|have|had) (?:not|never|no longer)|(?:wo|would|did|does|do|is|are|was|were|ca|could|has|have)n't|cannot|never|not|no longer|neither)"
GO = (
    r"(?:attend\w*|observe|tak(?:e|ing) (?:any )?(?:further |active )?part|participat\w+|join|go|going|come|coming|travel|send|sending|be (?:there|present|represented|sending|attending|going|taking|coming)|sit(?: down)?|"
    r"fly|be (?:at|in)\b|set foot|rejoin|return|appear|have any(?:thing)? (?:to do|part|dealings?)|accompany|enter|nominate|provide|follow|accept (?:the|its|an) invitation)"
)
# Codebook rules 1, 5 and 7: a condition makes neither a yes nor a no; a yes with a complaint is no yes.
GUARD: dict[Label, str] = {
    "supportive": rf"(?![^\n]{{0,120}}\b(?:{IF}|with the reservation|on the understanding|in part|in principle)\b)",
    "boycotting": rf"(?!(?:(?! and |whether)[^\n;]){{0,100}}\b(?:{IF}|before|while|merely|instead|alone|technical|considered|almost|in exchange|but (?:has|sent|will|wants|supports?)|as individuals|in the same room)\b)",
    "skeptical": "",
    "none": "",
}
PLAIN = r"(?![^\n]{0,160}\b(?:but|although|though|however|only|without|nothing|not|no|never|even|s[ck]eptic\w*|doubt\w*|regret\w*|grumbl\w+|reluctan\w+|complain\w*|badly|little)\b)"
# fmt: on


@dataclass(frozen=True, slots=True)
class Rule:
    """A cue for a label: its pattern is looked for in the sentence's readings."""

    name: str
    label: Label
    description: str
    pattern: re.Pattern[str]

    def __call__(self, marked: str) -> Label | None:
        """The rule's label where its cue stands in the sentence, else None."""
        return self.label if self.pattern.search(readings(marked)) else None


def _rule(name: str, label: Label, description: str, *patterns: str) -> Rule:
    return Rule(name, label, description, re.compile(f"(?:{'|'.join(patterns)}){GUARD[label]}", re.I))


# fmt: off
RULES: tuple[Rule, ...] = (
    _rule("hosts", "supportive", "The actor hosts, convenes, sponsors, guarantees, opens, chairs or prepares the process.",
        rf"{A}(?:(?:co-?)?{forms('host sponsor chair guarantee')}|{forms('hold convene reconvene organise organize broker mediate launch initiate facilitate spearhead prepare')}|opens?|opened|called a|{forms('offer provide')} (?:its|a|his|the) (?:platform|capital|venue|city|home)(?: for| to)?)\b(?! of| for| to| itself|,| at| beside| that| it\b){NEAR}|\[PROCESS\][^\n;]{{0,40}}\b(?:held|conven\w+|open\w*|met|meets?|resum\w+|beg[aiu]n\w*|start\w*|organi[sz]ed|conducted)\b[^\n;]{{0,60}}\bunder the (?:auspices|aegis|umbrella|patronage|sponsorship) of (?:the )?(?:\[OTHER\],? (?:and )?(?:the )?){{0,3}}\[(?:OBJECT|ACTOR)\]"),
    _rule("plans", "supportive", "The actor plans or proposes the process, sets its date, works to begin, resume or continue it.",
        rf"{A}{forms('propose plan offer want intend wish hope')} (?:to (?:hold|host|conven|organi|start|resum|reviv|restart|bring|open|launch|push|sponsor)\w*|holding)\b{P}|{A}(?:{forms('plan intend want wish hope offer')} to |will |would )invite [^\n;]{{0,90}}(?:to|for) (?:[a-z]+ ){{0,3}}?\[PROCESS\]",
        rf"{A}(?:{forms('resume restart revive push_for push_ahead continue proceed_with press_on carry_on work_for work_towards work_toward pursue')}|save|breathe|{forms('announce set')} (?:the |a )(?:\w+ )?(?:date|start|round|resumption|session|meeting)s?|sets|go(?:es)? on|going on)\b{NEAR}",
        rf"\[(?:ACTOR|OBJECT)\]'s? (?:[a-z]+ )?(?:plans?|proposals?|efforts?|initiative|bid|push|offer|readiness|decision|wish|attempts?|agreement|intention) (?:to (?:hold|host|conven|organi|start|resum|reviv|attend|join|take part|participate|go|send|broker)\w*|for\b|of (?:hold|host|conven)\w*){P}"),
    _rule("expects", "supportive", "The actor says, expects or wants that the process will begin, go on or meet again.",
        rf"\[ACTOR\](?: [a-z]+ly)? {SAY}(?![^\n;\[]{{0,60}}\b(?:impossible|unlikely)){WHEN}(?: that)? (?:(?!\[(?:OTHER|RIVAL)\])[^\n;]){{0,60}}\[PROCESS\] (?:[\w'-]+ ){{0,5}}?(?:(?:will|would|should|to|could) (?:(?!not|never)[a-z]+ )?(?:begin|open|resume|start|be held|take place|meet|continue|be fruitful|go ahead|help|lead)|ready to start)(?![^\n]{{0,80}}\b(?:without|not)\b)",
        rf"{A}(?:determined|agreed|confident|convinced|{forms('expect want hope wish')}) (?:that |for |to see )?(?:the )?[\w' -]{{0,30}}?\[PROCESS\] (?:to |will |would |should |could |continue|resume|begin|held|take place|go)(?! not| never| end| fail| be placed| be moved)"),
    _rule("endorses", "supportive", "The actor backs, welcomes, praises or defends the process, regrets that others stay away.",
        rf"{A}(?:backs|backed|backing|to back|{forms('support welcome endorse praise defend hail applaud commend reaffirm favour favor bless congratulate promote champion stand_by stand_behind vouch_for')}|supportive|committed|in favou?r of|behind|stressed the importance|says? yes to|spoke (?:up )?for|pleased|satisfied|attached)\b{P}(?![^\n]{{0,100}}\b(?:but|though|although|however)\b)",
        rf"(?:{A}{forms('express voice reiterate promise pledge offer reaffirm renew')} (?:its |their |his |her |full |country's |strong )*|\[ACTOR\](?:'s?)? (?:full |strong |continued |firm )?)(?:support|backing|commitment|satisfaction) (?:for|of|to|with)\b{P}",
        rf"{A}{forms('call describe consider term regard find see say')} (?:that )?(?:the )?(?:[a-z]+ ){{0,3}}?\[PROCESS\] (?:(?!not|no|never|less)[a-z]+ ){{0,3}}?(?:useful|constructive|positive|important|success|successful|necessary|the only|essential|valuable|productive|the best|the right|a step|a chance|indispensable|historic|irreplaceable)\b",
        rf"{A}regret(?:s|ted)?\b[^\n;]{{0,60}}\b(?:absence|decision|postpone\w+|boycott|refusal|not come|delay)"),
    _rule("urges", "supportive", "The actor calls or presses for the process, wants it, or wants others to come to it.",
        rf"{A}(?:{forms('want call_for call_on press urge encourage persuade advocate appeal_for demand insist_on seek')}|would like)\b(?! by\b)(?![^\n]{{0,90}}\b(?:not|boycott|stay|reject|withdraw|cancel|leave|home|abandon|end|delayed|postponed|out|away|know|before|guarantees?|changes?|undermine|bypass|put|placed|moved|truces?)\b){P}",
        rf"{A}{forms('call_on urge persuade press encourage advise invite')} (?!by\b)[^\n;]{{0,50}}\[OTHER\] (?:and [^\n]{{3,20}} )?to (?:attend|come|go|join|take part|participate|return|send|engage|negotiate)\b{U}"),
    _rule("hopes", "supportive", "The actor hopes for the process or is confident in it (codebook rule 5).",
        rf"{A}(?:{forms('hope look_forward count_on trust believe_in')}|hopeful|optimis\w+|confident|(?:expects?|expected) (?:progress|results)|expressed (?:the |its |his )?(?:hope|confidence))\b{P}"),
    _rule("attends", "supportive", "The actor attends, takes part, comes, returns or sends a delegation, unqualified (rule 6).",
        rf"{A}(?:attends?|attending|takes? part|taking part|going|joins?|(?<!would )come)\b(?! as an? individual){U}{PLAIN}",
        rf"{A}(?:(?:will|would|shall) be (?:in|at|there)\b|{forms('come attend take_part participate join return_to come_back_to')}|go to (?:the )?(?=\[PROCESS)|{forms('send dispatch')} (?!no\b|nobody|neither|back)(?:[\w'-]+ ){{1,6}}?to\b|represented(?! by)|(?:lead|leads|leading|led) (?:a|its|his|united)|observers? at|{forms('stay remain')} (?:in|at)(?= (?:the )?(?:\[PROCESS|table))|at the table)\b(?! (?:as an? individual|in an individual|home|up|away|too far|against|further)){P}{PLAIN}",
        rf"{A}(?:due|expected) (?:in|at) (?:the )?\[PROCESS\]{PLAIN}|{A}(?:attend|present|come|came|represent|there|follow|took part|taken part|take part)\w*(?: \w+){{0,3}} as (?:an )?observers?\b{PLAIN}",
        rf"{A}(?:(?!asked|invited)[a-z]+ ){{1,3}}(?:as (?:an )?observers? (?:[a-z]+ ){{0,3}}\[PROCESS\]|(?:[a-z]+ ){{0,3}}\[PROCESS\] as (?:an )?observers?)\b{PLAIN}"),
    _rule("agrees", "supportive", "The actor agrees, is ready or decides to go, or accepts (rule 13).",
        rf"{A}(?:{forms('agree decide confirm consent plan vote intend pledge promise')}|ready|willing|prepared|determined|accept(?:s|ed)?) (?:to (?:attend|go|come|join|take part|participate|send|travel|return|negotiate|continue)|the (?:invitation|offer)|(?:an|its|his|their) (?:invitation|attendance|participation|presence|arrival))\b{U}{PLAIN}",
        rf"{A}{forms('agree decide confirm consent plan vote intend pledge promise')} to send (?:an? |its |[a-z]+ )?(?:delegat\w+|teams?|members|envoys?|representatives|negotiators|\[(?:OTHER|ACTOR)\]){PLAIN}|{A}(?:ready|willing|prepared) (?:for|to (?!act|open|defend|fight|respect|use|take back))\b(?![^\n]{{0,60}}\[RIVAL\]){PLAIN}"),
    _rule("meets", "supportive", "The actor signs or agrees something in the process, or meets in it, as one of its parties.",
        rf"{A}(?:{forms('sign')} (?:the|a) (?:\w+ )?(?:statement|declaration|memorandum|communique|document|paper)|{forms('adopt establish conclude')}(?!,| that)|end(?:s|ed) (?!a\b)(?:in|two|[a-z]+ days)|put (?:its|his|their) names?|set up(?! to)|agreed (?:on|in|at))\b(?! an \[){P}",
        rf"{A}(?:me(?:e)?t|gather(?:s|ed)?|gathering|sat down|began|opened) (?!again|its|for|them)(?:[\w-]+ ){{0,3}}?(?:in|at) (?:the )?\[PROCESS\](?![^\n]{{0,12}}\b(?:without|ahead|before)|,|[^\n]{{0,20}} to (?:work|discuss))|{A}(?:{forms('agree pledge vow promise undertake')} to (?:set up|establish|create|enforce|monitor|guarantee|observe|police|supervise) |{forms('set_up establish create form')} (?:an? |the )?(?:[a-z]+ ){{0,3}}(?:mechanism|commission|committee|body|group|cent(?:re|er))\b)"),
    _rule("doubts", "skeptical", "The actor doubts the process, is sceptical, expects little of it.",
        rf"{A}(?:(?:very )?{forms('doubt question distrust mistrust')}|doubtful|s[ck]eptical|not (?:optimistic|sure|certain|convinced|confident)|unconvinced|pessimis\w+|(?:{forms('have see hold find')} |with )?(?:little|no|scant|few|not much) (?:(?:point|use|sense|value|basis|great) )?(?:in )?(?:holding|hopes?|faith|prospects?|point|confidence|reason|trust|value|use|interest|sense|sign|chance|expectations?|basis)|{forms('expect')} (?:nothing|little|no)|{forms('cast')} doubts?|{forms('call')} into question|{forms('express voice have raise')} (?:[a-z]+ )?(?:doubts?|s[ck]eptic\w*)|(?:lost|losing) (?:hope|faith|confidence|patience)|sees? no|tired of|{forms('ask wonder question')} (?:what|why|how)|{forms('give')} (?=[^\n]{{0,40}}(?:little|no|small) chance))\b{U}",
        rf"{A}(?:[a-z]+ )?(?:low|few|little|modest|limited) (?:great |high )?(?:expectations?|hopes?|chances?|faith|confidence|trust|interest|illusions?)\b",
        rf"{A}{NOT} (?:believe|think|expect|trust|see)\b{U}|{A}{SAY}[^\n;\[]{{0,40}}\b(?:impossible|unacceptable|pointless|unthinkable|meaningless|absurd|no (?:point|sense) in) (?:to )?(?:negotiat|talk|hold|invit|tak|participat|go|resum|discuss|meet)|\[PROCESS\][^\n]{{0,60}}(?:,|;| as|, while) (?:the )?\[(?:ACTOR|OBJECT)\] (?:remains? |is |are |still )?(?:s[ck]eptical|doubtful|unconvinced|wary|suspicious|cautious|unimpressed|pessimistic|unsure)\b",
        rf"{FAR}(?:{forms('doubt distrust mistrust')}|s[ck]eptic\w*|pessimis\w+|suspicio\w*|unconvinced|little (?:hope|faith|point|sense|use)|no (?:hope|faith|point|sense|use|illusions?|expectations?|prospect|interest))\b{U}"),
    _rule("fears", "skeptical", "The actor fears or distrusts the process, has reservations about it.",
        rf"{A}(?:{forms('fear worry')}|fearful|concerned|wary|suspicio\w+|uneas[ey]\w*|alarmed)\b(?! (?:that )?(?:a |the )?(?:failure|fighting|\[OTHER\])){U}",
        rf"{A}{forms('have express voice repeat share')} (?:[a-z]+ ){{0,2}}?\"?(?:criticism|misgivings|reservations|concerns?|unease|objections|fears?)\b{P}"),
    _rule("criticises", "skeptical", "The actor criticises, denounces, deplores or opposes the process or something in it.",
        rf"{A}(?:{forms('criticise criticize denounce dismiss slam decry mock deride complain scoff rubbish deplore lament object oppose')}|opposed|disappointed|unhappy|dissatisfied|displeased|not (?:satisfied|happy|pleased)|unimpressed|ill at ease|annoyed|impatient|critical|frustrat\w+|{forms('express voice')} (?:its |his |their )?(?:disappointment|frustration|dissatisfaction|regret))\b(?! (?:participation|nobody|rumou?rs|reports|claims)){P}"),
    _rule("not_bound", "skeptical", "The actor does not recognise, endorse, accept or discuss the process or something in it.",
        rf"{A}{NOT} (?:be |consider (?:it|them)sel\w+ |feel )?(?:recogni[sz]e|accept|endorse|bound by|a party to|regard|obliged|discuss|negotiate)\b(?! (?:an? |the |its |their )?(?:invitation|meeting)){NEAR}",
        rf"{A}(?:{NOT}|not|refus\w+ to) (?:sign|endorse|support|back|approve|commit|vouch|pay|fund|resume|prepared|favour|satisfy)\b{U}",
        rf"{A}{forms('reject dispute ignore')} (?:the |any |all |a )?(?:[a-z]+ ){{0,3}}?(?:committee|statement|draft|results?|decisions?|declaration|agenda|format|outcome|arrangements?|rules|paper|document|list|role)\b{U}|{A}rul(?:es?|ed|ing) out\b",
        rf"{A}{forms('refuse decline')} to (?:discuss|negotiate|sign|chair|co-chair|host|recogni[sz]e|accept the)\b{P}"),
    _rule("sets_conditions", "skeptical", "The actor comes, talks or stays only under a condition, or makes demands first (rule 5).",
        rf"{A}(?:{NOT} |refus(?:e|es|ed) to |decline[sd]? to |unwilling to ){GO}\b(?! back)(?:(?! even )[^\n]){{0,60}}\b(?:unless|until|only if|if)\b(?! it| this| asked)|{A}(?:{NOT} |refus(?:e|es|ed) to |decline[sd]? to |unwilling to )(?:negotiate|talk|resume|enter|engage|return)\b[^\n;]{{0,80}}\b(?:unless|until|only if|as long as|while)\b",
        r"\[ACTOR\](?:(?!\[OTHER\])[^\n;]){0,80}\b(?:would|will) (?:leave|walk out|withdraw|quit|boycott|stay (?:away|out)|turn back|go home|pull out)\b(?:(?! even )[^\n;]){0,50} (?:if|unless)\b",
        r"\[ACTOR\](?: (?!truce|ceasefire|\[(?:RIVAL|OTHER)\]|his )[\w'\[\]]+){0,9}? (?:only if|on (?:the )?condition|on the understanding|provided that|with the reservation)\b",
        rf"{A}(?:{forms('attend take_part participate go join come return agree support welcome accept')}|ready)\b[^\n;]{{0,60}}\[PROCESS\][^\n;]{{0,10}} (?:if|(?<!for )as long as|provided|once)\b(?! (?:it|they|he) (?:is|are|was|were) (?:asked|invited))",
        r"\[ACTOR\](?:(?!\[OTHER\](?! that))[^\n;]){0,100}\b(?:demand\w*|must|halt|releas\w+|lift\w*)\b[^\n;]{0,100}\bbefore (?:[\w'-]+ ){0,4}?(?:\[PROCESS\]|talks|negotiations)"),
    _rule("withholds", "skeptical", "The actor withholds its word: undecided, guarded, reluctant, threatening to leave, premature.",
        rf"{A}(?:guarded|reserv\w+ (?:judge?ment|its)|non-?committal|lukewarm|stopped short|cool(?:ly)?|cautious|reluctan\w+|hesitat\w+|reconsider\w*|in two minds|undecided|(?:not|had not|has not) (?:yet )?decided|may (?:pull|withdraw|leave|boycott|skip|not))\b{P}",
        rf"{A}yet to decide\b(?! on)",
        rf"{A}(?:(?!terms|question|decision|\[OTHER\])[\w'\[\]]+ ){{1,8}}?(?:premature|too early|too soon|unrealistic)\b(?![^\n]{{0,20}}to (?:speak|judge))",
        rf"{A}threat(?:en(?:s|ed|ing)?|s)? (?:to|of|that)[^\n]{{0,40}}\b(?:end its|boycott|withdraw|walk|pull(?! its)|quit|leave|stay|not|suspend)"),
    _rule("disparages", "skeptical", "The actor calls the process a sham, doomed or pointless, says that it failed or will.",
        rf"{A}(?:{forms('say call describe view think argue add consider regard predict warn term believe tell insist complain')}|wrote)\b(?:(?!\[RIVAL\]|\bnot\b)[^\n;]){{0,60}}?\[PROCESS\](?:(?!\[RIVAL\]|,? (?:and|but) )[^\n;]){{0,60}}?\b(?:theat(?:re|er)|sham|charade|farce|waste of|pointless|useless|illegitimate|no legitimacy|doomed|meaningless|futile|dead end|mistake|trap|vague|unbalanced|badly|empty|barren|window[- ]dressing|photo op\w*|not serious|unlikely|incomplete|at risk|worthless|failure|lack(?:s|ed)? (?:credib|legitim)\w+|failed|fail|(?:brought|produced|achieved|decided|changed) nothing|no (?:result|progress|purpose|use|point|sense|chance|future|value|effect)|little chance|without benefit|slogan|collaps\w+|in vain|disappointment|sectarian|(?:not|never) (?:be )?(?:possible|able|succeed|work|produce|lead|bring|solve|binding|replace))\b"),
    _rule("refuses", "boycotting", "The actor refuses or declines to come, turns down an invitation, rejects the process as such.",
        rf"{A}{forms('refuse decline')} (?:to )?(?:\w+ )?{GO}\b(?! (?:an? |the )?(?:role|room)){U}",
        rf"{A}(?<!be )(?<!were )(?<!was ){forms('refuse decline')}\b{TAIL}",
        rf"{A}{forms('refuse decline')} to (?:meet|hold|leave|submit|share|sit|talk|work|cooperate|have|lend|serve|put|let|resume)\b(?![^\n]{{0,60}}\[RIVAL\])",
        rf"{A}(?:{forms('refuse decline turn_down spurn rebuff reject')}|{NOT} (?:accept|respond to|answer)) (?:[a-z]+ |\[OTHER\] ){{0,3}}?(?:invit\w+|offer|seats?|requests? to send|suggestion|place|approach)\b{U}",
        rf"{A}{forms('reject ignore')} (?:any |all |the )?(?:part in )?\[PROCESS\](?! (?:committee|statement|final|draft|results|declaration|agenda|format|outcome))"),
    _rule("will_not_go", "boycotting", "The actor will not, did not, would not take part, without a condition.",
        rf"{A}(?!could|can)(?:{NOT} |(?:has |have |had )?no (?:plans?|intention|wish) (?:to|of) |(?:decided|chose|chosen|opted|voted|resolved|decision) (?:not to |against )|advised against |not to (?!negotiate))(?:intend(?:ing)? to |plan to |be |even |wish(?:ed)? to |want(?:ed)? to )?{GO}\b(?! (?:as an? |because of an? |without|himself|anyone|any more)){U}",
        rf"{A}(?!could|can){NOT} (?:come|go|attend|send (?:any|its|a)\w*|take part|participate|join|travel|be (?:there|present|represented))\b(?! on\b| back\b)(?![^\n]{{0,80}}(?:\[RIVAL\]|\b(?:but|because of an|without|instead|himself|deputy|leaving|as a|there was)\b))",
        rf"{A}(?:have|wants?|wanted) (?:nothing (?:further |more )?to do|no (?:further )?(?:part|dealings))\b|{A}through with\b{P}",
        rf"{A}(?:{forms('send')} (?:no|nobody|neither)(?: [\w-]+)?|(?:takes?|took|wants?|wanted|play) (?:no|nothing) (?:further |active |more )?(?:part|role|dealings|delegate|to do)){U}"),
    _rule("stays_away", "boycotting", "The actor stays away, boycotts, skips, shuns, keeps its people away; also as a noun.",
        rf"{A}(?<!being )(?<!been )(?<!be )(?:{forms('stay remain')} (?:away|out|outside|at home|in (?:the|its|their|his) (?:hotel|embassy|rooms?))|{forms('keep')} (?:away|out|(?:its|his|her|their) [^\n.;\[]{{0,40}}away)|{forms('skip snub shun miss')}|(?:will|would) be absent|a no-show|(?<!the )(?<!a )boycott(?:s|ed|ing)?)\b(?! and said| the last| the first| from both){U}",
        r"\[PROCESS\][^\n\[;]{0,40}\b(?:start|open|beg[ia]n|go|goes|went|clos|end)\w*[^\n\[;]{0,40} without (?:the )?\[(?:ACTOR|OBJECT)\](?! having)",
        rf"\b(?:boycott|refusal|walk-?out|rejection|empty (?:seat|chair)s?) (?:of|by) {WHO}\[OBJECT\]{U}|\b(?:absence|departure|withdrawal) of {WHO}\[OBJECT\] from (?:the )?\[PROCESS\]|\[OBJECT\]'s? (?:absence|departure|withdrawal|boycott) (?:of|from) (?:the )?\[PROCESS\]",
        rf"\[ACTOR\]'s? (?:\w+ )?(?:boycott|refusal|walk-?out|withdrawal|departure|absence|rejection) (?:of|from|to|in)\b{U}"),
    _rule("walks_out", "boycotting", "The actor walks out, withdraws, suspends its participation.",
        rf"{A}(?:{forms('walk storm pull')} out|{forms('withdraw')} (?:from|(?:its|their|his) (?!confidence|support|signature)\w+)|{forms('quit')}|{forms('leave')}(?: (?:the )?(?:hall|room|building|venue|table|Palais|city)|(?= (?:the )?\[PROCESS\](?! (?:airport|on|for|to)\b))| [^\n\[;]{{0,40}} in protest)|{forms('suspend')} (?:(?:its|their|his|all) )?(?:formal )?(?:participation|involvement|contacts|role|part)|{forms('cancel call_off')} (?:its|their|his) (?:trip|flight|participation|delegation|attendance)|{forms('recall')} (?:its|their) \w+|{forms('freeze break_off')} (?:all )?(?:talks|discussion|participation|contacts))\b{U}",
        rf"{A}(?:walk|storm)(?:s|ed|ing)? out\b(?![^\n]{{0,200}}\[RIVAL\])"),
    _rule("calls_others_away", "boycotting", "The actor tells others to stay away.",
        rf"{A}(?<!been )(?<!were )(?<!was )(?<!politely ){forms('call_on call_for urge tell order appeal advise ask want')}\b(?:(?!\bnot to (?:leave|boycott))[^\n;]){{0,60}}\b(?:boycott|(?:stay|keep) away|not to (?:attend|go|take part|participate|send)|withdraw from|break off|leave (?=\[PROCESS\])|refuse to go){U}"),
)
# fmt: on
