"""What channels are about: money, audience and the words of the titles, niche by niche."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Niche:
    """A subject: revenue per mille in USD, habits of its audience, and its titles."""

    name: str
    category_id: str  # YouTube's
    rpm_usd: float
    like_rate: float
    comment_rate: float
    retention: float  # share of a video that the mean view watches
    weekend: float  # audience of a weekend day against a working day
    minutes: float  # typical length of a video
    content_types: tuple[str, ...]
    tags: tuple[str, ...]
    channel_words: tuple[str, ...]
    titles: tuple[str, ...]
    words: Mapping[str, tuple[str, ...]]

    def title(self, numbers: Sequence[int]) -> str:
        """Return the title that the numbers choose: a template and a word for each gap."""
        template = self.titles[numbers[0] % len(self.titles)]
        chosen = {
            name: words[numbers[1 + place % (len(numbers) - 1)] // (place + 1) % len(words)]
            for place, (name, words) in enumerate(self.words.items())
        }
        title = template.format(**chosen).replace("The the ", "The ")
        return title[0].upper() + title[1:]


def _niche(
    name: str,
    figures: tuple[str, float, float, float, float, float, float],
    content_types: str,
    tags: str,
    channel_words: str,
    titles: tuple[str, ...],
    **words: str,
) -> Niche:
    """Make a niche; lists of words are separated by semicolons."""
    return Niche(
        name,
        *figures,
        tuple(content_types.split("; ")),
        tuple(tags.split("; ")),
        tuple(channel_words.split("; ")),
        titles,
        {key: tuple(text.split("; ")) for key, text in words.items()},
    )


NICHES: tuple[Niche, ...] = (
    _niche(
        "education",
        ("27", 4.6, 0.043, 0.0045, 0.47, 0.94, 11.0),
        "educational; educational; tutorial",
        "education; explained; science; history; learn",
        "Curious Minute; Brain Atlas; The Why Files Jr; Lecture Lite; Deep Enough; Fact Orchard",
        (
            "Why {thing} Is Stranger Than You Think",
            "The Real Story of {event} (Explained in {n} Minutes)",
            "{thing}, Explained Simply",
            "What Nobody Told You About {event}",
            "{n} Facts About {thing} That Sound Fake",
            "How {thing} Actually Works — No Maths Needed",
            "“{quote}” — What Did They Really Mean?",
            "The Problem with {thing} & How We Might Fix It",
            "{event}: The Part Your Textbook Skipped",
            "Could We Live Without {thing}? 🤔",
        ),
        thing=(
            "Gravity; the Number Zero; Photosynthesis; Plate Tectonics; Schrödinger's Cat; "
            "the Immune System; Latin; Entropy; the Möbius Strip; Deep-Sea Life; Sleep; π"
        ),
        event=(
            "the Fall of Rome; the Great Emu War; Apollo 13; the Printing Press; the Black Death; "
            "the 1815 Eruption of Tambora; the Race to the South Pole; the Meiji Restoration"
        ),
        quote="I think, therefore I am; God does not play dice; Eureka!; Let them eat cake",
        n="3; 5; 7; 8; 10; 12; 15; 20",
    ),
    _niche(
        "technology",
        ("28", 5.4, 0.038, 0.0055, 0.42, 0.97, 9.5),
        "review; tutorial; news",
        "tech; review; gadgets; ai; software",
        "Byte Sized; Null & Void Tech; Patch Notes; Silicon Alley; Overclocked; The Daily Build",
        (
            "{gadget} Review: {n} Months Later",
            "{gadget} vs {other}: Don't Buy the Wrong One!",
            "I Let {other} Run My Life for {n} Days",
            "Stop Using {other} Like This (Do This Instead)",
            "{n} {other} Tricks You Didn't Know Existed 🤯",
            "The Truth About {gadget} Nobody Wants to Hear",
            "Is {gadget} Worth It in 2026?",
            "How to Set Up {other} in Under {n} Minutes",
            "We Need to Talk About {gadget}…",
            "{gadget} & {other}: The Perfect Budget Setup",
        ),
        gadget=(
            "The $99 E-Ink Tablet; This Foldable Phone; A 4K Pocket Projector; The New Raspberry "
            "Pi; My NAS; A Mechanical Keyboard; This USB-C Dock; The Cheapest 3D Printer"
        ),
        other="Linux; ChatGPT; Home Assistant; Notion; Copilot; Docker; Excel; Obsidian; VS Code",
        n="3; 6; 7; 9; 10; 15; 30",
    ),
    _niche(
        "finance",
        ("25", 9.5, 0.035, 0.0060, 0.44, 0.86, 12.0),
        "educational; news; tutorial",
        "finance; investing; money; budget; passive income",
        "Penny Wise; Compound & Co; The Ledger Line; Money Minutes; Slow Rich; Index Nerds",
        (
            "How I'd Invest ${k} If I Started Over",
            "{n} Money Mistakes to Avoid in Your {age}s",
            "{asset}: Everything You Need to Know in {n} Minutes",
            "Why I Sold All My {asset}",
            "The ${k} Budget That Changed Everything 💸",
            "{asset} vs {asset2}: Which One Wins?",
            "Retire at {age}? Here's the Maths",
            "“{asset} Is Dead” — Really?",
            "Turning ${k} into a Monthly Income (Step by Step)",
            "What the Fed's Decision Means for {asset} & You",
        ),
        k="1,000; 5,000; 10,000; 25,000; 100,000; 500",
        age="20; 30; 40; 50; 55",
        asset="Index Funds; Dividend Stocks; Gold; Bonds; Bitcoin; Rental Property; ETFs; Savings",
        asset2="Real Estate; a Savings Account; the S&P 500; Treasury Bills; Small Caps",
        n="3; 5; 7; 9; 10; 12",
    ),
    _niche(
        "gaming",
        ("20", 2.1, 0.061, 0.0090, 0.38, 1.28, 14.0),
        "entertainment; entertainment; tutorial; review",
        "gaming; gameplay; walkthrough; lets play; speedrun",
        "Pixel Pantry; Respawn Room; Loot & Scoot; Save Point; Ctrl Alt Defeat; Couch Co-op",
        (
            "I Survived {n} Days in {game}",
            "{game} but Every Death Makes It HARDER",
            "{n} Secrets You Missed in {game}",
            "{game}: The Ultimate Beginner's Guide 🎮",
            "Can You Beat {game} Without {limit}?",
            "The BEST {game} Build Nobody Is Using",
            "{game} — Part {n} (Boss Fight!)",
            "Speedrunning {game} Until I Lose My Mind 😱",
            "Why {game} Still Holds Up",
            "{game}'s Weirdest Bug, Explained",
        ),
        game=(
            "Minecraft; Stardew Valley; Elden Ring; Hollow Knight; Pokémon Emerald; Factorio; "
            "Terraria; Zelda: Tears of the Kingdom; Dwarf Fortress; Baldur's Gate 3; Rocket League"
        ),
        limit="Jumping; Taking Damage; a Weapon; Pausing; Using Magic; Looking at the Map",
        n="4; 7; 10; 50; 100; 25; 12; 13",
    ),
    _niche(
        "cooking",
        ("26", 3.2, 0.047, 0.0050, 0.45, 1.17, 8.0),
        "tutorial; tutorial; entertainment",
        "recipe; cooking; easy dinner; food; baking",
        "Salt & Sons; The Tiny Oven; Pan Fried Daily; Umami Club; Crème de la Crumb; Nonna Knows",
        (
            "The Only {dish} Recipe You'll Ever Need",
            "{dish} in {n} Minutes 🍳",
            "I Tried {n} {dish} Recipes So You Don't Have To",
            "{dish} Like a Chef (Cheap & Easy)",
            "Grandma's {dish}… with a Twist",
            "The Mistake That Ruins Your {dish}",
            "{n}-Ingredient {dish}",
            "{dish} vs. {dish2}: A Delicious Fight",
            "What I Eat in a Week: {dish}, {dish2} & More",
            "Crispy “{dish}” Without an Oven!",
        ),
        dish=(
            "Jalapeño Cornbread; Crème Brûlée; Pad Thai; Phở; Mac & Cheese; Butter Chicken; "
            "Sourdough; Ramen; Tiramisù; Shakshuka; Fried Rice; Gyoza; Açaí Bowls"
        ),
        dish2="Focaccia; Tacos al Pastor; Pierogi; Dumplings; Lasagne; Falafel; Bánh Mì",
        n="5; 10; 15; 20; 3; 4; 30",
    ),
    _niche(
        "fitness",
        ("17", 3.7, 0.044, 0.0042, 0.48, 0.92, 10.0),
        "tutorial; educational; entertainment",
        "workout; fitness; home workout; health; stretching",
        "Rep Republic; Stronger Slowly; Mat & Motion; Couch to Kettlebell; Pulse Lab; The Warm-Up",
        (
            "{n}-Minute {part} Workout (No Equipment)",
            "Do This Every Morning for {n} Days — {part} Transformed 💪",
            "{n} {part} Exercises You're Doing Wrong",
            "I Trained Like {who} for {n} Days",
            "Fix Your {part} in {n} Minutes a Day",
            "{who} Workout: Harder Than It Looks!",
            "The Science of {part} Training, Explained",
            "Beginner's {part} Routine | Low Impact & Quiet",
            "Stop Stretching Your {part}! (Do This)",
        ),
        part="Core; Full-Body; Glutes; Lower Back; Shoulders; Legs; Posture; Hips; Arms; Ab",
        who="a Ballet Dancer; an Astronaut; a Monk; a Firefighter; a Rock Climber; Bruce Lee",
        n="5; 7; 10; 15; 20; 30; 12",
    ),
    _niche(
        "travel",
        ("19", 3.4, 0.041, 0.0048, 0.41, 1.12, 13.0),
        "entertainment; review; educational",
        "travel; vlog; budget travel; guide; backpacking",
        "Half a Passport; Lost & Sound; Slow Boat; Window Seat Club; Map Nerds; Off Season",
        (
            "{n} Days in {place} on ${k} a Day",
            "{place}: {n} Things I Wish I Knew Before Going",
            "Is {place} Overrated? Honest Review",
            "The Cheapest Way to See {place} ✈️",
            "{place} Street Food Tour — {n} Stops!",
            "I Took the Slowest Train to {place}",
            "Don't Visit {place} Until You Watch This",
            "Hidden {place}: Where the Locals Go & Eat",
            "{place} in the Rain (a Quiet Walk)",
        ),
        place=(
            "São Paulo; Kyōto; Reykjavík; Kraków; Cartagena; İstanbul; Zürich; Hà Nội; Marrakech; "
            "Curaçao; Tbilisi; Málaga; Oaxaca; Tórshavn"
        ),
        k="20; 30; 50; 75; 100",
        n="3; 4; 5; 7; 10; 48",
    ),
    _niche(
        "news",
        ("25", 2.9, 0.027, 0.0110, 0.36, 0.83, 6.5),
        "news; news; educational",
        "news; breaking; politics; world; explained",
        "The Six O'Clock Brief; Wire Room; Plain Report; Headline & Deck; Noonday; Context Desk",
        (
            "{topic}: What We Know So Far",
            "Why {topic} Matters — Explained in {n} Minutes",
            "{topic} | The Week in {n} Headlines",
            "“{quote}”: The Statement Everyone Is Talking About",
            "{topic} & the Markets: What Happens Next?",
            "Fact Check: {n} Claims About {topic}",
            "LIVE Recap: {topic} 🔴",
            "The {topic} Debate in {n} Minutes",
            "Who Really Gains from {topic}?",
        ),
        topic=(
            "the Housing Bill; the Fuel Price Cap; the Climate Summit; the Rail Strike; the AI "
            "Act; the Interest-Rate Decision; the Grid Blackout; the Water Shortage; Election Night"
        ),
        quote="We will not back down; No further questions; It's a start; Nobody is above the law",
        n="2; 3; 4; 5; 6; 10",
    ),
)
