"""What the program can print is reviewed as a text: messages.txt holds all of it."""

import unittest

import message_texts


class Extraction(unittest.TestCase):
    def test_what_is_a_text(self):
        source = '''
            #include "no text here"
            // "nor is this"
            fail("cannot read " + path + ": " + why("of it", 2) + " and the rest");
            const auto* name = "word", *both = "one text "
                                               "in two lines\\n";
            return missing ? "first of two" : "second of " + name();
            text += R"(raw "text" here)"; char c = '"'; f("of " "\\"two\\"");
        '''
        self.assertEqual(message_texts.texts(source), [
            "cannot read {}: {} and the rest", "one text in two lines\n", "first of two", "second of {}",
            'raw "text" here', 'of "two"'])


class Golden(unittest.TestCase):
    maxDiff = None

    def test_the_list_is_of_today(self):
        with open(message_texts.GOLDEN, encoding="utf-8") as file:
            listed = file.read()
        self.assertEqual(listed, message_texts.golden(),
                         "review the difference, then: python3 tests/contract/message_texts.py --update")


if __name__ == "__main__":
    unittest.main()
