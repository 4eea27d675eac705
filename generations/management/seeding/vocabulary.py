"""Words that people describe pictures with, the commonest first: Zipf's law follows the order."""

PLACES = {
    "mountains": """mountain lake|alpine valley|snowy peak|rocky ridge|narrow canyon|granite cliff
        |glacier tongue|high plateau|mountain pass|scree slope|hidden summit|stone arch""",
    "forest": """pine forest|misty wood|birch grove|fern hollow|mossy clearing|autumn forest
        |redwood path|bamboo thicket|beech wood|cedar grove|swampy wood|orchard edge""",
    "sea": """rocky coast|stormy sea|quiet beach|fishing harbour|coral bay|white cliffs
        |long pier|tidal flats|island cove|sandbank|kelp shore|northern strait""",
    "lake": """still lake|river bend|frozen pond|reed shore|fjord|canal|mill stream|waterfall
        |flooded meadow|estuary|mountain tarn|ferry landing""",
    "desert": """desert dunes|salt flat|dry riverbed|red mesa|oasis|caravan road|sandstone gorge
        |cactus garden|dust plain|mirage|badlands|abandoned well""",
    "city": """city street|neon alley|rooftop garden|train station|old town|market hall|skyline
        |crowded crossing|tram stop|library|harbour quarter|stairwell|underpass""",
    "hills": """green hills|flower meadow|vineyard|wheat field|cottage garden|sheep pasture
        |village lane|windmill hill|lavender field|olive grove|stone wall|hop yard""",
    "space": """distant planet|ringed world|asteroid field|moon base|nebula|comet tail|orbit
        |space station|crater rim|ice moon|launch site|red planet""",
}
SUBJECTS = """
    fox|house|boat|cat|lighthouse|tree|castle|bird|dog|robot|woman|rabbit|owl|train|deer|child
    |bear|balloon|whale|bicycle|dragon|old man|horse|knight|wolf|dancer|teapot|ship|dragonfly
    |violin|astronaut|tent|clock tower|bookshop|bridge|lantern|swan|tortoise|painter|piano|heron
    |greenhouse|umbrella|market stall|campfire|rowing boat|kite|fisherman|hedgehog|scarecrow
    |telescope|beehive|typewriter|carousel|raven|sailor|gramophone|snail|tea house|water mill
    |puppet|watchmaker|goldfish|caravan|weathervane|hot spring|chess player|street musician|moth
    |paper crane|otter|tram|baker|lynx|well|gardener|jellyfish|cellist|hammock|stag beetle|mailbox
    |submarine|beacon|fountain|kingfisher|phone box|treehouse|clockwork bird|sundial|ice skater
    |airship|peacock"""
QUALITIES = """
    small|red|old|golden|quiet|blue|lonely|giant|tiny|white|wooden|glowing|ancient|broken|green
    |sleeping|colourful|elegant|forgotten|silver|rusty|curious|floating|translucent|weathered
    |black|cheerful|painted|striped|mossy|crooked|shy|velvet|porcelain|hand-made|brass|spotted
    |patient|woollen|crimson|feathered|hollow|copper|emerald|tangled|gilded|solemn|amber|checked
    |lacquered"""
LIGHTS = """
    soft light|golden hour|morning mist|moonlight|sunset|heavy rain|falling snow|candlelight
    |blue hour|bright noon|long shadows|northern lights|fog|backlight|overcast sky|starry night
    |thunderstorm|first frost|warm lamplight|dappled shade|rainbow|hazy dawn|firelight|drizzle
    |neon glow|cold light|harvest moon|dust in the air|low winter sun|stained glass light"""
STYLES = """
    photograph|oil painting|watercolour|pencil drawing|35 mm film|isometric render|woodcut
    |pixel art|ink wash|poster|children's book illustration|gouache|linocut|pastel
    |macro photograph|wide angle|charcoal sketch|collage|art nouveau|low poly|stop motion still
    |fresco|long exposure|paper cut-out|engraving|mosaic|double exposure|embroidery|tilt-shift
    |blueprint|risograph|cyanotype|miniature diorama|tapestry|scratchboard|minimalist|baroque
    |ukiyo-e"""
DETAILS = """
    highly detailed|minimal composition|muted colours|shallow depth of field|seen from above
    |symmetrical|vivid colours|empty background|close up|reflected in water|rule of thirds
    |soft edges|high contrast|grainy|two colours only|in the distance|framed by branches
    |from a low angle|with a thin outline|textured paper|in motion|seen through a window"""
# Words of which a large gallery has a handful of pictures each.
RARE = """
    astrolabe|narwhal|zeppelin|samovar|obelisk|hourglass|lyrebird|pangolin|sextant|theodolite
    |okapi|harpsichord|barometer|axolotl|pagoda|gondola|marionette|quetzal|trebuchet|capybara
    |bagpipes|aqueduct|chinchilla|dirigible|ocarina|menhir|wombat|armillary sphere|dodo|gargoyle
    |kaleidoscope|tamarin|ziggurat|velocipede|hurdy-gurdy|cassowary|cuckoo clock|sarcophagus|tapir
    |metronome|yurt|pterodactyl|zither|cormorant|alembic|coracle|monocle|phonograph|stalactite
    |tarantula"""
OPENINGS = """
    A carefully composed scene of|An atmospheric view of|A finely rendered picture of
    |A balanced composition showing|A striking image of|A tender depiction of"""
CLOSINGS = """
    The mood is calm and inviting, with careful attention to texture and light.
    |Fine detail in the foreground leads the eye towards a hazy background.
    |The palette stays restrained, and every surface catches a little of the light.
    |Depth comes from layered shadows; nothing distracts from the subject.
    |A gentle gradient in the sky gives the whole picture a sense of quiet space."""
TAGS = """
    best|to print|holiday card|client|draft|blog|reference|wallpaper|inspiration|slides|cover
    |family|colour study|winter|favourite animals|website|moodboard|series|gift|archive"""
ALBUMS = """
    Portfolio|Winter cards|Book cover|Landscapes|Animals|Ideas|For the office|Posters|Night scenes
    |Slides in spring|Gifts|Experiments|Travel plans|Character sheets"""


def words(text: str) -> list[str]:
    return [" ".join(word.split()) for word in text.split("|")]
