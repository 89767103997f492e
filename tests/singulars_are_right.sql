-- The macro singular_phrase must give these singulars; a row is a word that it gets wrong.
with

words (plural, singular) as (

    values
    ('leather dresses', 'leather dress'),
    ('dress', 'dress'),
    ('jeans', 'jean'),
    ('watches', 'watch'),
    ('wine glasses', 'wine glass'),
    ('glasses', 'glasses'),
    ('accessories', 'accessory'),
    ('hoodies', 'hoodie'),
    ('ties', 'tie'),
    ('scarves', 'scarf'),
    ('shelves', 'shelf'),
    ('gloves', 'glove'),
    ('olives', 'olive'),
    ('knives', 'knife'),
    ('shoes', 'shoe'),
    ('kurtis', 'kurti'),
    ('canvas', 'canvas'),
    ('sports shoes', 'sports shoe'),
    ('bus', 'bus'),
    ('chassis', 'chassis'),
    ('boxes', 'box'),
    ('brushes', 'brush'),
    ('moustaches', 'moustache'),
    ('t-shirts', 't-shirt'),
    ('chests of drawers', 'chest of drawer'),
    ('sizes', 'size'),
    ('houses', 'house'),
    ('women', 'women')

)

select
    plural,
    singular,
    {{ singular_phrase('plural') }} as given
from words
where {{ singular_phrase('plural') }} != singular
