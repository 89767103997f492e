-- The macro singular_phrase must give these singulars; a row is a word that it gets wrong.
with

words as (

    select
        inline(array(
            struct('leather dresses' as plural, 'leather dress' as singular),
            struct('dress', 'dress'),
            struct('jeans', 'jean'),
            struct('watches', 'watch'),
            struct('glasses', 'glass'),
            struct('accessories', 'accessory'),
            struct('hoodies', 'hoodie'),
            struct('ties', 'tie'),
            struct('scarves', 'scarf'),
            struct('shelves', 'shelf'),
            struct('gloves', 'glove'),
            struct('olives', 'olive'),
            struct('knives', 'knife'),
            struct('shoes', 'shoe'),
            struct('kurtis', 'kurti'),
            struct('canvas', 'canvas'),
            struct('sports shoes', 'sports shoe'),
            struct('bus', 'bus'),
            struct('chassis', 'chassis'),
            struct('boxes', 'box'),
            struct('brushes', 'brush'),
            struct('moustaches', 'moustache'),
            struct('t-shirts', 't-shirt'),
            struct('chests of drawers', 'chest of drawer'),
            struct('sizes', 'size'),
            struct('houses', 'house'),
            struct('women', 'women')
        ))

)

select
    plural,
    singular,
    {{ singular_phrase('plural') }} as given
from words
where {{ singular_phrase('plural') }} != singular
